#include "proxy/wire/characters.hpp"

#include <algorithm>
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
bool all_of_eight(const char* at) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    // A control byte may be a tab, which a text may hold.
    return !has_control(word, limit) || std::all_of(at, at + 8, allowed);
}

template <std::uint8_t limit, bool (*allowed)(char)>
bool all(std::string_view bytes) noexcept
{
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    if (bytes.size() < 8)
        return std::all_of(at, end, allowed);
    for (; end - at > 8; at += 8)
        if (!all_of_eight<limit, allowed>(at))
            return false;
    return all_of_eight<limit, allowed>(end - 8); // some of them a second time: cheaper than one by one
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
