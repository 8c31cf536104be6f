#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"

#include <string_view>

namespace paravent::server {

/// Whether a request comes from a stand-in that reports to us. Such a request never goes anywhere else, whatever the
/// verdict about its host is, since it is about what somebody did on a page.
bool is_for_us(const Connection& connection, const wire::Target& target) noexcept;

/// Answers it: `/paravent/token.js` gives a token where the stand-in is what this device gets, and nothing elsewhere;
/// `/paravent/report.js` takes one, and the report becomes one event.
net::awaitable<void> serve_report(Connection& connection, Exchange& exchange, const Snapshot& snapshot);

} // namespace paravent::server
