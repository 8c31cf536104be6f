#include "rules/parsed_url.hpp"

#include "rules/domains.hpp"

#include <algorithm>

namespace paravent::rules {
namespace {

std::size_t authority_end(std::string_view url, std::size_t begin) noexcept
{
    const auto ends = [](char c) { return c == '/' || c == '?' || c == '\\'; };
    return static_cast<std::size_t>(std::find_if(url.begin() + static_cast<std::ptrdiff_t>(begin), url.end(), ends) -
                                    url.begin());
}

/// Whether nothing but a port stands between the host of that size and the path.
bool ends_host(std::string_view rest, std::size_t size) noexcept
{
    if (size < rest.size() && rest[size] == ':') {
        ++size;
        while (size < rest.size() && rest[size] >= '0' && rest[size] <= '9')
            ++size;
    }
    return size == rest.size() || rest[size] == '/' || rest[size] == '?';
}

} // namespace

ParsedUrl::ParsedUrl(std::string_view url) : text_(url.substr(0, url.find('#')))
{
    const std::size_t begin = behind_scheme(text_);
    if (begin == 0)
        return;
    const std::string_view rest = text_.substr(begin);
    if (const std::size_t size = plainly_normal_size(rest); size != 0 && ends_host(rest, size))
        host_ = rest.substr(0, size);
    else
        take_apart(begin);
}

void ParsedUrl::take_apart(std::size_t begin)
{
    std::string_view authority = text_.substr(begin, authority_end(text_, begin) - begin);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        authority.remove_prefix(at + 1);
        rewritten_ = text_.substr(0, begin);
        rewritten_ += text_.substr(begin + at + 1);
        text_ = rewritten_;
        authority = std::string_view{rewritten_}.substr(begin, authority.size());
    }
    const std::size_t host_end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
    host_ = normal_host(authority.substr(0, host_end), normal_).value_or(std::string_view{});
}

std::size_t behind_scheme(std::string_view url) noexcept
{
    if (url.starts_with("https://"))
        return 8;
    if (url.starts_with("http://"))
        return 7;
    const std::size_t scheme = url.find("://");
    // data:, about:, or a path that carries a URL
    return scheme == std::string_view::npos || authority_end(url, 0) < scheme ? 0 : scheme + 3;
}

} // namespace paravent::rules
