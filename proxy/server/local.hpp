#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"

namespace paravent::server {

/// A request to the dashboard: read whole, handed to its thread, answered; or fed for as long as the client listens.
net::awaitable<void> serve_local(Connection& connection, Exchange& exchange);

} // namespace paravent::server
