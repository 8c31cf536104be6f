#pragma once

#include "proxy/tls/openssl.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace paravent::tls {

/// Where a session's encrypted bytes come from and go to. It never waits: where nothing is there, or nothing can be
/// taken, it returns std::errc::operation_would_block (or resource_unavailable_try_again). It keeps no bytes, so that
/// an idle session holds no buffer.
class Transport {
public:
    virtual ~Transport() = default;
    /// Bytes put into `into`; 0: the peer's bytes are over.
    virtual boost::system::result<std::size_t> take(std::span<char> into) noexcept = 0;
    /// Bytes taken, at least 1.
    virtual boost::system::result<std::size_t> give(std::string_view bytes) noexcept = 0;
};

} // namespace paravent::tls
