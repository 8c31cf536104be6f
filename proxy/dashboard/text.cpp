#include "proxy/dashboard/text.hpp"

#include <charconv>

namespace paravent::dashboard {

CodePoint next_code_point(std::string_view text, std::size_t at) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at);
    if (first < 0x80)
        return {first, 1};
    // Lowest code of each length: shorter ones written longer are no UTF-8 (RFC 3629, section 3).
    const std::size_t size = first >= 0xf0 && first < 0xf5   ? 4
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xc2 && first < 0xe0 ? 2
                                                             : 0;
    static constexpr char32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (size == 0 || at + size > text.size())
        return {replacement, 1};
    char32_t code = first & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80)
            return {replacement, 1};
        code = code << 6 | (byte(at + i) & 0x3fu);
    }
    if (code < lowest[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return {replacement, 1};
    return {code, size};
}

bool is_active(char32_t code) noexcept
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) // C0, DEL, C1
           || code == 0xad || code == 0x61c             // soft hyphen, Arabic letter mark
           || (code >= 0x200b && code <= 0x200f)        // zero width, left-to-right and right-to-left marks
           || (code >= 0x2028 && code <= 0x202e)        // line and paragraph separators, embeddings, overrides
           || (code >= 0x2060 && code <= 0x206f)        // isolates, invisible operators
           || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb);
}

std::string inert(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = next_code_point(text, at);
        if (is_active(code)) {
            char digits[8];
            const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<unsigned>(code), 16).ptr;
            out += "\\u{" + std::string(digits, end) + "}";
        } else if (code == replacement) {
            out += "\xef\xbf\xbd";
        } else {
            out += text.substr(at, size);
        }
        at += size;
    }
    return out;
}

std::string inert_lines(std::string_view text)
{
    std::string out;
    for (;;) {
        const auto end = text.find('\n');
        out += inert(text.substr(0, end));
        if (end == std::string_view::npos)
            return out;
        out += '\n';
        text.remove_prefix(end + 1);
    }
}

std::string those_there(std::span<const std::string> names)
{
    constexpr std::size_t most = 10;
    std::string text = names.empty() ? "there are none" : names.size() == 1 ? "there is " : "there are ";
    for (std::size_t i = 0; i < names.size() && i < most; ++i)
        text += (i > 0 ? ", " : "") + names[i];
    return names.size() > most ? text + " and " + std::to_string(names.size() - most) + " more" : text;
}

} // namespace paravent::dashboard
