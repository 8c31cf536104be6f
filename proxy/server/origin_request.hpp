#pragma once

#include "config/settings.hpp"
#include "proxy/server/exchange.hpp"

#include <string>
#include <string_view>

namespace paravent::server {

/// The head that goes to the origin, or to the parent proxy of the settings, for a request of a client.
std::string origin_request(const config::Settings& settings, const Exchange::Head& head);

/// RFC 9110, 9.2.2: only these may be sent again without being asked for.
bool is_idempotent(std::string_view method) noexcept;

} // namespace paravent::server
