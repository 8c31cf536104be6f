#include "proxy/activity/fields.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

int hex(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

UrlParts parts_of(std::string_view url) noexcept
{
    // Not find_first_of, which tries them all for each character: this is done for every request to Meta.
    const auto before = [](std::string_view text, auto... any_of) {
        ((text = text.substr(0, text.find(any_of))), ...);
        return text.size();
    };
    UrlParts parts;
    url = url.substr(0, url.find('#'));
    const auto colon = before(url, ':', '/', '?');
    if (url.substr(colon).starts_with("://")) {
        parts.scheme = url.substr(0, colon);
        url.remove_prefix(colon + 3);
    }
    const auto authority_end = before(url, '/', '?', '\\');
    auto authority = url.substr(0, authority_end);
    url.remove_prefix(authority_end);

    if (const auto at = authority.rfind('@'); at != std::string_view::npos)
        authority.remove_prefix(at + 1);
    if (authority.starts_with('['))
        parts.host = authority.substr(0, std::min(authority.find(']'), authority.size() - 1) + 1);
    else
        parts.host = authority.substr(0, authority.find(':'));

    const auto question = url.find('?');
    parts.path = url.substr(0, question);
    if (question != std::string_view::npos)
        parts.query = url.substr(question + 1);
    return parts;
}

std::string form_decoded(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else
            out += text[i] == '+' ? ' ' : text[i];
    }
    return out;
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() * 3 / 2);
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            out += c;
        else
            out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

void Fields::add_urlencoded(std::string_view text, std::size_t at_most, bool cut)
{
    cut_ = cut_ || text.size() > at_most;
    text = text.substr(0, at_most);
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        const bool last = end == text.size();
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty())
            continue;
        if (fields_.size() >= max_fields) {
            cut_ = true;
            return;
        }
        const auto equals = pair.find('=');
        auto value = equals == std::string_view::npos ? std::string{} : form_decoded(pair.substr(equals + 1));
        if (last && cut && !value.starts_with('[') && !value.starts_with('{'))
            return;
        add(form_decoded(pair.substr(0, equals)), std::move(value));
    }
}

void Fields::add(std::string name, std::string value)
{
    if (fields_.size() < max_fields)
        fields_.emplace_back(std::move(name), std::move(value));
    else
        cut_ = true;
}

std::string_view Fields::operator[](std::string_view name) const noexcept
{
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const Field& f) { return f.first == name && !f.second.empty(); });
    return found == fields_.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view Fields::key_in(std::string_view group, std::string_view name) noexcept
{
    if (name.size() < group.size() + 3 || !name.starts_with(group) || name[group.size()] != '[' || name.back() != ']')
        return {};
    return name.substr(group.size() + 1, name.size() - group.size() - 2);
}

} // namespace paravent::activity
