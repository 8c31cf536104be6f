#pragma once

#include "proxy/server/connection.hpp"

namespace paravent::server {

/// TLS to the box itself, under one of its own names (`[dashboard] names`): the client's hello is read (`connection.in`
/// holds its beginning), answered with a leaf of the home's authority, and requests are served. Who asks for something
/// over it has shown that it trusts that authority. Ends at once where there is none, or the name is another's.
net::awaitable<void> serve_box(Connection& connection);

/// Whether there is an authority that a client of the box could be answered by.
bool can_serve_box(Connection& connection);

} // namespace paravent::server
