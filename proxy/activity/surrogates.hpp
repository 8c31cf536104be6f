#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

// Characters that JSON writes as escapes of UTF-16 (RFC 8259, section 7).
namespace paravent::activity {

inline constexpr std::size_t escape_size = 6; ///< "\ud83d"

/// The unit of an escape at the front; nothing where there is none.
inline std::optional<unsigned> escaped_unit(std::string_view text) noexcept
{
    text = text.substr(0, escape_size);
    if (text.size() < escape_size || !text.starts_with("\\u"))
        return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + escape_size, value, 16);
    if (error != std::errc{} || end != text.data() + escape_size)
        return std::nullopt;
    return value;
}

/// The first half of a character.
inline bool leads(unsigned unit) noexcept
{
    return unit >= 0xD800 && unit < 0xDC00;
}

/// The second half.
inline bool trails(unsigned unit) noexcept
{
    return unit >= 0xDC00 && unit < 0xE000;
}

} // namespace paravent::activity
