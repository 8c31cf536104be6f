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

} // namespace

ParsedUrl::ParsedUrl(std::string_view url) : text_(url.substr(0, url.find('#')))
{
    const std::size_t scheme = text_.find("://");
    if (scheme == std::string_view::npos || authority_end(text_.substr(0, scheme), 0) != scheme)
        return; // data:, about:, or a path that carries a URL
    const std::size_t begin = scheme + 3;
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

} // namespace paravent::rules
