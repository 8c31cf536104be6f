#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace paravent::net {

/// Where a connection was going before the firewall of this computer redirected it here (SO_ORIGINAL_DST of Linux'
/// connection tracking; IPv4 and IPv6). Nothing where nobody redirected it.
std::optional<boost::asio::ip::tcp::endpoint> original_destination(int descriptor) noexcept;

} // namespace paravent::net
