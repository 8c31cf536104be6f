#include "proxy/wire/link_decoration.hpp"

#include "proxy/wire/characters.hpp"
#include "proxy/wire/target.hpp"

#include <algorithm>
#include <array>

namespace paravent::wire {
namespace {

constexpr std::array<std::string_view, 6> names = {"fbclid", "mibextid", "rdid", "igsh", "igshid", "__tn__"};
constexpr std::string_view numbered = "__cft__["; // __cft__[0], __cft__[1] …

int hex_digit(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte that stands at the text's front, taken off it.
char take_decoded(std::string_view& text) noexcept
{
    char c = text.front();
    std::size_t size = 1;
    if (c == '%' && text.size() >= 3)
        if (const int high = hex_digit(text[1]), low = hex_digit(text[2]); high >= 0 && low >= 0) {
            c = static_cast<char>(high * 16 + low);
            size = 3;
        }
    text.remove_prefix(size);
    return c;
}

/// The fields of a query, empty ones too, as they stand between its "&".
template <class Each>
void for_each_field(std::string_view query, Each each)
{
    for (;;) {
        const auto end = query.find('&');
        each(query.substr(0, end));
        if (end == std::string_view::npos)
            return;
        query.remove_prefix(end + 1);
    }
}

std::string_view name_of(std::string_view field) noexcept
{
    return field.substr(0, field.find('='));
}

bool is_counter(std::string_view host, std::string_view path) noexcept
{
    if (host == "l.instagram.com")
        return path == "/";
    return (host == "l.facebook.com" || host == "lm.facebook.com") && path == "/l.php";
}

} // namespace

bool is_link_decoration(std::string_view name) noexcept
{
    constexpr std::size_t most = 32; // decoded; the longest is __cft__[ with a number
    std::array<char, most> bytes{};
    std::size_t size = 0;
    while (!name.empty()) {
        if (size == most)
            return false;
        bytes[size++] = take_decoded(name);
    }
    const std::string_view plain(bytes.data(), size);
    if (std::find(names.begin(), names.end(), plain) != names.end())
        return true;
    if (!plain.starts_with(numbered) || !plain.ends_with(']') || plain.size() < numbered.size() + 2)
        return false;
    const auto number = plain.substr(numbered.size(), plain.size() - numbered.size() - 1);
    return std::all_of(number.begin(), number.end(), is_digit);
}

std::optional<std::string> undecorated(std::string_view url)
{
    const auto fragment = std::min(url.find('#'), url.size());
    const auto question = url.find('?');
    if (question >= fragment)
        return std::nullopt;
    const auto query = url.substr(question + 1, fragment - question - 1);
    bool any = false;
    for_each_field(query, [&](std::string_view field) { any = any || is_link_decoration(name_of(field)); });
    if (!any)
        return std::nullopt;

    std::string rest;
    rest.reserve(url.size());
    bool first = true;
    for_each_field(query, [&](std::string_view field) {
        if (is_link_decoration(name_of(field)))
            return;
        if (!first)
            rest += '&';
        first = false;
        rest += field;
    });
    std::string out(url.substr(0, question));
    if (!rest.empty())
        out.append("?").append(rest);
    return out.append(url.substr(fragment));
}

std::optional<std::string> linked_address(std::string_view host, std::string_view path)
{
    const auto question = std::min(path.find('?'), path.size());
    if (question == path.size() || !is_counter(host, path.substr(0, question)))
        return std::nullopt;
    std::string_view sent;
    unsigned times = 0;
    for_each_field(path.substr(question + 1), [&](std::string_view field) {
        if (!field.starts_with("u="))
            return;
        sent = field.substr(2);
        ++times;
    });
    if (times != 1 || sent.size() > 3 * max_linked_bytes)
        return std::nullopt;
    std::string address;
    while (!sent.empty())
        address += take_decoded(sent);
    // Nothing that could end a line of the reply, nothing that a browser would have to guess at.
    if (address.size() > max_linked_bytes || !is_visible(address) ||
        std::any_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return std::nullopt;
    const auto starts = [&](std::string_view scheme) { return starts_with_lower(address, scheme); };
    if (!starts("http://") && !starts("https://"))
        return std::nullopt;
    if (const auto target = parse_target(address, false); !target || target->form != Target::Form::absolute)
        return std::nullopt;
    return undecorated(address).value_or(address);
}

} // namespace paravent::wire
