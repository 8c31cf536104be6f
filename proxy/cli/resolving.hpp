#pragma once

#include "config/settings.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/resolver.hpp"

#include <map>
#include <string>
#include <vector>

namespace paravent::cli {

/// The resolver of the service, by these settings.
net::Resolver::Options resolver_options(const config::Settings& settings);

struct Resolved {
    std::vector<net::Address> addresses; ///< unmapped, sorted, each once
    std::string error;                   ///< a sentence where there are none
};
/// Asks for all names at once and waits for the answers, each of which has its deadline.
std::map<std::string, Resolved> resolve_all(net::Resolver& resolver, const std::vector<std::string>& names);

} // namespace paravent::cli
