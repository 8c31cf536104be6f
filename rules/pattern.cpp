#include "rules/pattern.hpp"

namespace paravent::rules {

bool matches_at(std::string_view pattern, std::string_view text, std::size_t at, bool to_the_end) noexcept
{
    std::size_t p = 0;
    std::size_t t = at;
    // Where to go on after the last *: the earliest match of each piece between stars is always good enough.
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (true) {
        if (p == pattern.size() && (!to_the_end || t == text.size()))
            return true;
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            star_text = t;
            continue;
        }
        if (p < pattern.size()) {
            const char c = pattern[p];
            if (t < text.size() ? (c == text[t] || (c == '^' && is_separator(text[t]))) : c == '^') {
                ++p;
                t += t < text.size() ? 1 : 0; // ^ also matches the end, which is still there for the next one
                continue;
            }
        }
        if (star == std::string_view::npos || star_text >= text.size())
            return false;
        p = star;
        t = ++star_text;
    }
}

bool pattern_matches(const Filter& filter, const Url& url) noexcept
{
    const std::string_view text = filter.match_case ? url.exact : url.lower;
    if (filter.start_anchored)
        return matches_at(filter.pattern, text, 0, filter.end_anchored);
    if (filter.host_anchored) {
        for (std::size_t at = url.host_begin; at < url.host_end; ++at)
            if ((at == url.host_begin || text[at - 1] == '.') &&
                matches_at(filter.pattern, text, at, filter.end_anchored))
                return true;
        return false;
    }
    for (std::size_t at = 0; at <= text.size(); ++at)
        if (matches_at(filter.pattern, text, at, filter.end_anchored))
            return true;
    return false;
}

} // namespace paravent::rules
