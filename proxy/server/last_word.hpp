#pragma once

#include "proxy/server/connection.hpp"

#include <cstdint>
#include <string>

namespace paravent::server {

/// What of an unread body is worth reading so that the connection can go on, or its last reply arrives.
inline constexpr std::uint64_t worth_draining = 256 * 1024;

/// The last reply of an HTTP/1 connection, as plain text. `extra`: complete lines.
net::awaitable<void> say_last(Connection& connection, unsigned status, std::string extra, std::string text);

/// Closes so that the last reply arrives: a close with unread bytes would be a reset, which can overtake it.
net::awaitable<void> linger(Connection& connection);

} // namespace paravent::server
