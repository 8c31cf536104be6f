#pragma once

#include "config/settings.hpp"
#include "proxy/server/local_site.hpp"

#include <optional>
#include <string>
#include <string_view>

// How a device finds the box again: as it found it for the request that it makes now.
namespace paravent::dashboard {

/// "192.168.1.2:8480", where the asking device reaches the proxy; nothing where the proxy does not listen there, or the
/// settings do not let that device use it.
std::optional<std::string> proxy_for(const server::LocalRequest& request, const config::Settings& settings);

/// "http://192.168.1.2:8481", for what a device needs before it trusts the box's certificate.
std::string plain_origin(const server::LocalRequest& request, const config::Settings& settings);

/// The same for another device at home; nothing where the dashboard listens on this computer alone.
std::optional<std::string> origin_for_others(const config::Settings& settings);

/// Whether an address (a URL) leads to this box, by one of its names or by the address at which the request found it.
bool is_own_url(std::string_view url, const server::LocalRequest& request, const config::Settings& settings);

} // namespace paravent::dashboard
