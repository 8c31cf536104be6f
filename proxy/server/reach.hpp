#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/upstream.hpp"

#include <memory>

namespace paravent::server {

/// A way for one request to its origin: on a connection that is there and can be used, or (`fresh`: always) a new one.
/// An intercepted connection has connections of its own, which nobody else's requests share.
net::awaitable<net::result<std::unique_ptr<Upstream>>> reach(Connection& connection, const Snapshot& snapshot,
                                                             Exchange& exchange, bool fresh);

} // namespace paravent::server
