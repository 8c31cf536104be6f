#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::lists {

/// Whether the bytes begin like gzip (RFC 1952).
bool is_gzip(std::string_view bytes) noexcept;

enum class Inflated { whole, too_large, damaged };

/// The content of gzip members, one after the other, appended to `out`, which grows to at most `largest` bytes however
/// small the input is.
Inflated inflate_gzip(std::string_view bytes, std::size_t largest, std::string& out);

} // namespace paravent::lists
