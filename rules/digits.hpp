#pragma once

namespace paravent::rules {

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// 0 to 15, or -1 where it is no hexadecimal digit.
constexpr int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace paravent::rules
