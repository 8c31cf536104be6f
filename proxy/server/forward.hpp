#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"
#include "proxy/server/judge.hpp"

#include <memory>

namespace paravent::server {

/// Hands the request to its origin (or the parent proxy) and the reply back, bodies streamed both ways. The snapshot is
/// let go once the request is on its way: a reply may take days, and would keep the rules of its day. `asked`: what was
/// judged; after an upgrade it is judged again whenever rules or policy change.
net::awaitable<void> forward(Connection& connection, Exchange& exchange, const Asked& asked,
                             std::shared_ptr<const Snapshot> snapshot);

} // namespace paravent::server
