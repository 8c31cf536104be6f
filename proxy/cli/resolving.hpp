#pragma once

#include "config/settings.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/resolver.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <string>
#include <vector>

namespace paravent::cli {

struct Resolved {
    std::vector<net::Address> addresses; ///< unmapped, sorted, each once
    std::string error;                   ///< a sentence where there are none
};

/// The resolver of the service, by these settings, for those who wait.
class Asking {
public:
    explicit Asking(const config::Settings& settings);

    /// Asks for all names at once and waits for the answers, each of which has its deadline.
    std::map<std::string, Resolved> resolve(const std::vector<std::string>& names);
    /// Gives up all questions, for good. From any thread.
    void stop() { resolver_.stop(); }

private:
    // It outlives the resolver, whose thread may still be on its way out of it when the last answer is here.
    boost::asio::io_context context_{1};
    net::Resolver resolver_;
};

} // namespace paravent::cli
