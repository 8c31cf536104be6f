#include "proxy/activity/identifying.hpp"

#include "proxy/activity/text.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>

namespace paravent::activity {
namespace {

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_hex(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alphanumeric(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Of a mail address: also in other scripts than ours.
bool is_letter(char c) noexcept
{
    return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// "a@b.example", also with %40, even escaped twice; not the "@type" of JSON-LD, nor a shop's "@name".
bool has_mail_address(std::string_view text) noexcept
{
    const auto is_address = [text](std::size_t at, std::size_t behind) {
        if (at == 0 || behind >= text.size())
            return false;
        const char before = text[at - 1];
        if (!is_letter(before) && std::string_view{".!#$%&'*+/=?^_`{|}~-"}.find(before) == std::string_view::npos)
            return false;
        auto end = behind;
        while (end < text.size() && (is_letter(text[end]) || text[end] == '-' || text[end] == '.' || text[end] == '%'))
            ++end;
        return text.substr(behind, end - behind).find('.', 1) != std::string_view::npos;
    };
    for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1))
        if (is_address(at, at + 1))
            return true;
    for (const std::string_view escaped : {"%40", "%2540"})
        for (auto at = text.find(escaped); at != std::string_view::npos; at = text.find(escaped, at + 1))
            if (is_address(at, at + escaped.size()))
                return true;
    return false;
}

/// A run of hex digits just as long as a hash.
bool has_hash(std::string_view text, std::initializer_list<std::size_t> lengths) noexcept
{
    std::size_t run = 0;
    bool letters = false;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && is_hex(text[i])) {
            ++run;
            letters = letters || !is_digit(text[i]);
            continue;
        }
        if (letters && std::find(lengths.begin(), lengths.end(), run) != lengths.end())
            return true;
        run = 0;
        letters = false;
    }
    return false;
}

/// Whether the text has a place that fits: "x" stands for a hex digit, "9" for a digit, the rest for itself.
bool has_form(std::string_view text, std::string_view form) noexcept
{
    const auto fits = [](char c, char f) { return f == 'x' ? is_hex(c) : f == '9' ? is_digit(c) : c == f; };
    return std::search(text.begin(), text.end(), form.begin(), form.end(), fits) != text.end();
}

/// _fbp and _fbc: "fb.1.1549980788732.221006875".
bool has_meta_cookie(std::string_view text) noexcept
{
    for (auto at = text.find("fb."); at != std::string_view::npos; at = text.find("fb.", at + 1)) {
        const auto rest = text.substr(at + 3);
        if (rest.size() > 12 && is_digit(rest[0]) && rest[1] == '.' && is_digit(rest[2]) && is_digit(rest[11]))
            return true;
    }
    return text.find("fbclid") != std::string_view::npos;
}

/// A parameter of a path that holds a session: ";jsessionid=0AB1".
bool has_session(std::string_view path) noexcept
{
    for (auto at = path.find(';'); at != std::string_view::npos; at = path.find(';', at + 1)) {
        const auto name = path.substr(at + 1, path.find_first_of("=;/", at + 1) - at - 1);
        for (const std::string_view session : {"jsessionid", "phpsessid", "sessionid", "session", "sid"})
            if (std::equal(session.begin(), session.end(), name.begin(), name.end(),
                           [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); }))
                return true;
    }
    return false;
}

} // namespace

bool is_kind(std::string_view text) noexcept
{
    constexpr auto most_digits = 3; // "sha256_em"; what has more is a number
    return !text.empty() && text.size() <= 24 && text[0] >= 'a' && text[0] <= 'z' && text != "chmd" && text != "chpv" &&
           text != "chfv" && std::count_if(text.begin(), text.end(), is_digit) <= most_digits &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
}

bool identifies(std::string_view text) noexcept
{
    return has_mail_address(text) || has_hash(text, {64});
}

bool may_identify(std::string_view text) noexcept
{
    return has_mail_address(text) || has_hash(text, {32, 40, 64}) || has_meta_cookie(text) ||
           has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") || has_form(text, "99999999.1999999999");
}

bool path_may_identify(std::string_view path) noexcept
{
    return may_identify(path) || has_session(path);
}

bool is_nothing(std::string_view text) noexcept
{
    // The last three are the SHA-256 of nothing, of "undefined" and of "null".
    constexpr std::string_view nothing[] = {"",
                                            "undefined",
                                            "null",
                                            "nan",
                                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                            "eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c",
                                            "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"};
    text = trimmed(text);
    return std::any_of(std::begin(nothing), std::end(nothing), [text](std::string_view one) {
        return std::equal(one.begin(), one.end(), text.begin(), text.end(),
                          [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    });
}

} // namespace paravent::activity
