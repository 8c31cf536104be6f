#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::dashboard {

/// "2026-11-24T09:12:44.120Z" (RFC 3339, UTC, milliseconds).
std::string rfc3339(std::int64_t unix_ms);

/// An RFC 3339 time with "Z" or an offset, or a Unix time in seconds ("1764000000", "1764000000.5"), in milliseconds.
/// Nothing where the text is neither or lies outside the years 1970 to 9999.
std::optional<std::int64_t> parse_time(std::string_view text) noexcept;

std::int64_t now_ms() noexcept;

} // namespace paravent::dashboard
