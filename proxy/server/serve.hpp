#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"

namespace paravent::server {

/// The story of one request that the proxy is shown whole: whose it is, what the rules say, then forwarded, answered or
/// refused. On return the exchange is finished or cut.
net::awaitable<void> serve(Connection& connection, Exchange& exchange);

} // namespace paravent::server
