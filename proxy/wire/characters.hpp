#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// Which bytes may stand where (RFC 9110, section 5.6; RFC 3986), by table and, for long texts, eight bytes at a time.
namespace paravent::wire {

namespace characters {

inline constexpr std::uint8_t token = 1;     ///< tchar: field names, methods
inline constexpr std::uint8_t authority = 2; ///< host and port as clients may send them; no userinfo, no list, no path

constexpr std::array<std::uint8_t, 256> make_table()
{
    std::array<std::uint8_t, 256> table{};
    const auto mark = [&table](std::string_view bytes, std::uint8_t what) {
        for (const char c : bytes) {
            auto& entry = table[static_cast<unsigned char>(c)];
            entry = static_cast<std::uint8_t>(entry | what);
        }
    };
    constexpr std::string_view alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    mark(alphanumeric, token | authority);
    mark("!#$%&'*+-.^_`|~", token);
    mark("-._~%!$&'()*+;=:[]", authority);
    for (unsigned c = 0x80; c < 0x100; ++c) // names in UTF-8: rules::normal_host judges them
        table[c] = authority;
    return table;
}
inline constexpr auto table = make_table();

} // namespace characters

constexpr bool is_token(char c) noexcept
{
    return (characters::table[static_cast<unsigned char>(c)] & characters::token) != 0;
}

constexpr bool is_authority(char c) noexcept
{
    return (characters::table[static_cast<unsigned char>(c)] & characters::authority) != 0;
}

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// SP and HTAB: optional white space is these two and nothing else.
constexpr bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t';
}

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// `lower_case` is written in lower case.
constexpr bool equals_lower(std::string_view text, std::string_view lower_case) noexcept
{
    if (text.size() != lower_case.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (lower(text[i]) != lower_case[i])
            return false;
    return true;
}

constexpr bool starts_with_lower(std::string_view text, std::string_view lower_case) noexcept
{
    return equals_lower(text.substr(0, lower_case.size()), lower_case);
}

constexpr std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// HTAB, SP, VCHAR and obs-text only: what a field value or a reason phrase may hold.
bool is_text(std::string_view bytes) noexcept;

/// VCHAR and obs-text only: what a request target may hold.
bool is_visible(std::string_view bytes) noexcept;

/// Calls `visit(element)` for each element of a comma-separated list (RFC 9110, section 5.6.1), blanks cut off, empty
/// elements left out, until it returns false. Quoted strings are not known: the lists that matter here are tokens.
template <class Visit>
void for_each_element(std::string_view list, Visit visit)
{
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view element = trim(list.substr(0, comma));
        if (!element.empty() && !visit(element))
            return;
        if (comma == std::string_view::npos)
            return;
        list.remove_prefix(comma + 1);
    }
}

} // namespace paravent::wire
