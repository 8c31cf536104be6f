#pragma once

#include <boost/system/error_code.hpp>

namespace paravent::net {

/// Why a destination was not reached or a wait ended; each has a sentence for a person (`message()`).
enum class Error {
    timeout = 1,
    dns,                 ///< the name has no address, or nobody answered
    connect,             ///< no address of it took the connection
    refused_port,        ///< not in [proxy] ports
    refused_destination, ///< inside the home, and not in [proxy] private_destinations
    loop,                ///< the proxy itself
    parent,              ///< the parent proxy refused or did not speak its protocol
    tls,                 ///< its certificate or its TLS is not in order
    closed,              ///< the peer closed in the middle
};
boost::system::error_code make_error_code(Error error) noexcept;

} // namespace paravent::net

template <>
struct boost::system::is_error_code_enum<paravent::net::Error> : std::true_type {};
