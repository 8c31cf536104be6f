#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace paravent::wire {

template <class T>
using result = boost::system::result<T>;

/// Why bytes from a peer were refused; each has a sentence for a person (`message()`) and an HTTP status.
enum class Error {
    bad_request = 1,       ///< 400
    target_too_long,       ///< 414
    head_too_large,        ///< 431
    too_many_fields,       ///< 431
    not_implemented,       ///< 501: a transfer coding other than chunked
    version_not_supported, ///< 505 is answered as 400: not HTTP/1.x
    bad_response,          ///< 502
    bad_chunk,             ///< 400 from a client, 502 from an origin
    bad_socks,             ///< a SOCKS conversation that is none
    http2_malformed,       ///< the connection ends
    http2_flood,           ///< the connection ends
    http2_full,            ///< this connection to an origin takes no further requests; another one may
};
boost::system::error_code make_error_code(Error error) noexcept;
/// The status a proxy answers with where a client sent this.
unsigned status_of(Error error) noexcept;

} // namespace paravent::wire

template <>
struct boost::system::is_error_code_enum<paravent::wire::Error> : std::true_type {};
