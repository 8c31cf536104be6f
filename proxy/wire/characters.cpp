#include "proxy/wire/characters.hpp"

#include <cstring>

namespace paravent::wire {
namespace {

constexpr std::uint64_t every_byte(std::uint8_t value)
{
    return 0x0101010101010101U * value;
}

/// Whether one of the eight bytes is below `limit` (at most 128) or DEL.
constexpr bool has_control(std::uint64_t word, std::uint8_t limit)
{
    constexpr std::uint64_t high = every_byte(0x80);
    const std::uint64_t below = (word - every_byte(limit)) & ~word & high;
    const std::uint64_t del = word ^ every_byte(0x7f);
    return (below | ((del - every_byte(1)) & ~del & high)) != 0;
}

constexpr bool is_text_byte(char c)
{
    const auto u = static_cast<unsigned char>(c);
    return (u >= 0x20 && u != 0x7f) || u == '\t';
}

constexpr bool is_visible_byte(char c)
{
    const auto u = static_cast<unsigned char>(c);
    return u > 0x20 && u != 0x7f;
}

template <std::uint8_t limit, bool (*allowed)(char)>
bool all(std::string_view bytes) noexcept
{
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (end - at >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        if (has_control(word, limit)) // or a tab, which a text may hold
            for (int i = 0; i < 8; ++i)
                if (!allowed(at[i]))
                    return false;
        at += 8;
    }
    for (; at != end; ++at)
        if (!allowed(*at))
            return false;
    return true;
}

} // namespace

bool is_text(std::string_view bytes) noexcept
{
    return all<0x20, is_text_byte>(bytes);
}

bool is_visible(std::string_view bytes) noexcept
{
    return all<0x21, is_visible_byte>(bytes);
}

} // namespace paravent::wire
