#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace paravent::tls {

template <class T>
using result = boost::system::result<T>;

/// Why no certificate is made; each has a sentence for a person (`message()`).
enum class Error {
    clock_before_build = 1, ///< nobody would accept what is signed by this clock
    outside_names,          ///< no intermediate may sign for that name
    not_valid_now,          ///< the authority has expired, or the clock went back behind its creation
    library,                ///< OpenSSL failed: no memory, no random bytes
};
boost::system::error_code make_error_code(Error error) noexcept;

} // namespace paravent::tls

template <>
struct boost::system::is_error_code_enum<paravent::tls::Error> : std::true_type {};
