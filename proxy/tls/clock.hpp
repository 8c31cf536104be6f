#pragma once

#include <cstdint>

namespace paravent::tls {

/// Seconds since 1970. Everything here is told the time, nothing asks for it.
using Seconds = std::int64_t;
inline constexpr Seconds day = 86'400;

/// When this program was built.
Seconds built_at() noexcept;

/// A computer without a battery clock starts in the past: until the network has told it the time it makes no
/// certificates and has no opinion about anybody's dates. Table I10.
inline bool is_before_build(Seconds now) noexcept
{
    return now < built_at();
}

} // namespace paravent::tls
