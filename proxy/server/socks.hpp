#pragma once

#include "proxy/server/connection.hpp"

namespace paravent::server {

/// A SOCKS5 client, from its greeting to the end of its tunnel.
net::awaitable<void> serve_socks(Connection& connection);

} // namespace paravent::server
