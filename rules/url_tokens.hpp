#pragma once

#include "rules/hashing.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace paravent::rules {

/// A token is a longest run of letters and digits. Eight bytes are looked at at once.
namespace words {

inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t high = 0x8080808080808080;

/// The high bit of each byte that is an ASCII character from `low` to `top`.
constexpr std::uint64_t in_range(std::uint64_t x, unsigned char low, unsigned char top) noexcept
{
    const std::uint64_t y = x & ~high;
    return (y + ones * (0x80U - low)) & ~(y + ones * (0x7fU - top)) & ~x & high;
}

constexpr std::uint64_t to_lower(std::uint64_t x) noexcept
{
    return x | in_range(x, 'A', 'Z') >> 2;
}

/// One bit a byte: whether it belongs to a token. `x` is in lower case.
constexpr std::uint64_t token_bits(std::uint64_t x) noexcept
{
    const std::uint64_t m = in_range(x, 'a', 'z') | in_range(x, '0', '9');
    return (m >> 7) * 0x0102040810204080 >> 56;
}

} // namespace words

constexpr bool is_token_char(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

inline constexpr std::uint64_t first_bytes_mask(unsigned n) noexcept
{
    return n >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * n)) - 1;
}

/// The bytes that `text_room` must have behind the text.
inline constexpr std::size_t padding = 72;
inline constexpr std::size_t longest_url = 65'536;

/// Writes `in` in lower case to `out`, zeros behind it up to a whole number of words and eight bytes more.
inline void write_lower(std::string_view in, char* out) noexcept
{
    std::size_t i = 0;
    for (; i + 8 <= in.size(); i += 8) {
        const std::uint64_t word = words::to_lower(load8(in.data() + i));
        std::memcpy(out + i, &word, 8);
    }
    std::uint64_t last = 0;
    std::memcpy(&last, in.data() + i, in.size() - i);
    last = words::to_lower(last);
    std::memcpy(out + i, &last, 8);
    std::memset(out + i + 8, 0, padding - 8);
}

/// Calls `with(position, length, hash)` for each token (a length of 64 may be more) of `text`, which is in lower case
/// and followed by `padding` zeros.
template <typename With>
void for_each_token(std::string_view text, With with)
{
    const char* const p = text.data();
    const auto bits_at = [&](std::size_t at) {
        std::uint64_t bits = 0;
        for (unsigned k = 0; k < 8; ++k)
            bits |= words::token_bits(load8(p + at + 8 * k)) << (8 * k);
        return bits;
    };
    std::uint64_t carry = 0;
    std::uint64_t bits = bits_at(0);
    for (std::size_t at = 0; at < text.size(); at += 64) {
        const std::uint64_t next = at + 64 < text.size() ? bits_at(at + 64) : 0;
        for (std::uint64_t starts = bits & ~(bits << 1 | carry); starts != 0; starts &= starts - 1) {
            const unsigned bit = static_cast<unsigned>(std::countr_zero(starts));
            const std::uint64_t ahead = bit == 0 ? bits : bits >> bit | next << (64 - bit);
            const unsigned length = static_cast<unsigned>(std::countr_one(ahead));
            with(at + bit, length, hash_of_token(load8(p + at + bit) & first_bytes_mask(length)));
        }
        carry = bits >> 63;
        bits = next;
    }
}

} // namespace paravent::rules
