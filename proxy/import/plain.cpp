#include "proxy/import/plain.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace paravent::imports {
namespace {

/// Each script's zero, in the languages that Meta's pages come in; the other nine stand behind it (Unicode, Nd).
constexpr char32_t zeros[] = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
                              0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0xFF10};

/// The character that a text begins with, of two or three bytes of UTF-8, and how many; 0 for all others.
std::pair<char32_t, std::size_t> long_character(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    if ((byte(0) & 0xE0) == 0xC0 && follows(1))
        return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    if ((byte(0) & 0xF0) == 0xE0 && follows(1) && follows(2))
        return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
    return {0, 0};
}

} // namespace

Plain plain(std::string_view given)
{
    constexpr char32_t no_break = 0xA0, narrow_no_break = 0x202F, thin = 0x2009, left_to_right = 0x200E,
                       right_to_left = 0x200F;
    Plain out;
    while (!given.empty()) {
        const auto [code, size] = long_character(given);
        const auto* const zero = std::find_if(std::begin(zeros), std::end(zeros), [character = code](char32_t first) {
            return character >= first && character <= first + 9;
        });
        if (zero != std::end(zeros)) {
            out.text += static_cast<char>('0' + (code - *zero));
            out.other_digits = true;
        } else if (code == no_break || code == narrow_no_break || code == thin) {
            out.text += ' ';
        } else if (size > 0) {
            if (code != left_to_right && code != right_to_left)
                out.text += given.substr(0, size);
        } else {
            const char c = given.front();
            out.text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        given.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

} // namespace paravent::imports
