#pragma once

#include "proxy/server/exchange.hpp"
#include "proxy/server/worker.hpp"

namespace paravent::server {

/// Passes an origin's body on to the client as it comes, until `body` has it all. `idle` is for each wait.
net::awaitable<net::error_code> relay_reply_body(Worker& worker, Origin& origin, wire::http1::BodyReader& body,
                                                 Exchange& exchange, net::Millis idle);

} // namespace paravent::server
