#pragma once

#include "proxy/server/exchange.hpp"
#include "proxy/server/local_site.hpp"
#include "proxy/server/worker.hpp"

#include <cstdint>
#include <memory>

namespace paravent::server {

enum class Passed : std::uint8_t {
    whole,
    refused, ///< the reader has closed the pipe; the rest of the body is unread
    cut,     ///< the client has gone, or one of the two was too slow (`limits.idle`)
};

/// The request's body into a pipe, as fast as its reader takes it and other requests allow.
net::awaitable<Passed> pass_body(Worker& worker, Exchange& exchange, int descriptor);

/// The rest of a body that nobody wants, for as long as it keeps coming. False: it did not end.
net::awaitable<bool> discard_body(Worker& worker, Exchange& exchange);

/// What was made of it.
net::awaitable<LocalReply> end_of(Worker& worker, Intake& intake);

} // namespace paravent::server
