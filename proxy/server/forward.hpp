#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"

namespace paravent::server {

/// Hands the request to its origin (or the parent proxy) and the reply back, bodies streamed both ways.
net::awaitable<void> forward(Connection& connection, Exchange& exchange, const Snapshot& snapshot);

} // namespace paravent::server
