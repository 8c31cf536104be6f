#include "proxy/activity/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace paravent::activity {
namespace {

struct Point {
    char32_t value;
    std::size_t bytes; ///< taken from the text, at least 1
    bool valid;
};

/// One code point (Unicode 15, table 3-7: no overlong forms, no surrogates).
Point next_point(std::string_view text) noexcept
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = at(0);
    if (first < 0x80)
        return {first, 1, true};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4)
        return {0, 1, false};
    char32_t value = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size() || (at(i) & 0xC0) != 0x80)
            return {0, i, false};
        value = (value << 6) | (at(i) & 0x3Fu);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return {0, 1, false};
    return {value, length, true};
}

/// What could act on a terminal or make a line read other than it is.
bool is_unwanted(char32_t c) noexcept
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0)          // C0, DEL, C1
           || c == 0x061C || c == 0x200E || c == 0x200F // direction marks
           || (c >= 0x2028 && c <= 0x202E)              // line and paragraph separators, embeddings, overrides
           || (c >= 0x2066 && c <= 0x206F)              // isolates, deprecated format characters
           || c == 0x200B || c == 0xFEFF                // invisible
           || (c >= 0xFFF9 && c <= 0xFFFB)              // interlinear annotation
           || (c >= 0xE0000 && c <= 0xE007F);           // tags
}

} // namespace

std::string clean_text(std::string_view text, std::size_t limit)
{
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(std::min(text.size(), limit));
    while (!text.empty()) {
        const Point point = next_point(text);
        const auto piece = point.valid ? text.substr(0, point.bytes) : replacement;
        text.remove_prefix(point.bytes);
        if (point.valid && is_unwanted(point.value))
            continue;
        if (out.empty() && piece == " ")
            continue;
        if (out.size() + piece.size() > limit)
            break;
        out += piece;
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

bool is_text(std::string_view bytes) noexcept
{
    while (!bytes.empty()) {
        const Point point = next_point(bytes);
        const bool is_control = point.value < 0x20 || point.value == 0x7F;
        if (!point.valid || (is_control && std::string_view{"\t\r\n"}.find(bytes[0]) == std::string_view::npos))
            return false;
        bytes.remove_prefix(point.bytes);
    }
    return true;
}

std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view blanks = " \t\r\n\v\f";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool is_account(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool read_number(std::string_view text, double& out) noexcept
{
    text = trimmed(text);
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value))
        return false;
    out = value;
    return true;
}

} // namespace paravent::activity
