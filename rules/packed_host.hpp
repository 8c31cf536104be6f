#pragma once

#include <cstddef>
#include <string_view>

namespace paravent::rules {

/// Host names are most of what filter lists hold. Their common pieces (".com", "metrics.") are stored as one byte each,
/// which takes a list of a hundred thousand names in little more than half its size.
inline constexpr std::size_t longest_host_name = 253;
/// `unpack_host` writes up to this many bytes, some of them behind the name.
inline constexpr std::size_t unpacked_room = longest_host_name + 16;

/// Packs a name of at most 253 bytes; `out` has room for as many bytes. Returns how many were used; 0 where the name
/// has other characters than a-z 0-9 - . _ (the URL standard lets a host have parentheses, for example).
std::size_t pack_host(std::string_view host, char* out) noexcept;

/// The name that was packed, into `out` (of `unpacked_room` bytes). Returns its length.
std::size_t unpack_host(std::string_view packed, char* out) noexcept;

} // namespace paravent::rules
