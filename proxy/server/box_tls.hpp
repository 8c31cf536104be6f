#pragma once

#include "proxy/server/connection.hpp"

namespace paravent::server {

/// TLS to the box itself: the client's hello is read (`connection.in` holds its beginning), answered, and requests are
/// served. Under one of its own names (`[dashboard] names`) with a leaf of the home's authority: who asks for something
/// over that has shown that it trusts that authority. Where there is none, and under any other name or address, with
/// the box's own certificate, which proves nothing.
net::awaitable<void> serve_box(Connection& connection);

/// Whether there is a certificate that a client of the box could be answered with.
bool can_serve_box(Connection& connection);

} // namespace paravent::server
