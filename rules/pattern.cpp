#include "rules/pattern.hpp"

#include <string.h> // memmem: POSIX, not of the standard library

namespace paravent::rules {
namespace {

std::size_t find(std::string_view text, std::string_view piece, std::size_t from) noexcept
{
    if (from > text.size())
        return std::string_view::npos;
    const void* const found = memmem(text.data() + from, text.size() - from, piece.data(), piece.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

} // namespace

bool matches_at(std::string_view pattern, std::string_view text, std::size_t at, bool to_the_end) noexcept
{
    std::size_t p = 0;
    std::size_t t = at;
    // Where to go on after the last *: the earliest match of each piece between stars is always good enough.
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    std::string_view piece; // plain text that follows the star
    while (true) {
        if (p == pattern.size() && (!to_the_end || t == text.size()))
            return true;
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            star_text = t;
            piece = pattern.substr(p, pattern.find_first_of("*^", p) - p);
        } else if (p < pattern.size() &&
                   (t < text.size() ? pattern[p] == text[t] || (pattern[p] == '^' && is_separator(text[t]))
                                    : pattern[p] == '^')) {
            ++p;
            t += t < text.size() ? 1 : 0; // ^ also matches the end, which is still there for the next one
            continue;
        } else {
            if (star == std::string_view::npos || star_text >= text.size())
                return false;
            p = star;
            ++star_text;
        }
        star_text = piece.empty() ? star_text : find(text, piece, star_text);
        if (star_text == std::string_view::npos)
            return false;
        t = star_text;
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
    // The first piece of plain text must be somewhere; a ^ in front of it takes one character.
    const std::size_t plain_begin = filter.pattern.starts_with('^') ? 1 : 0;
    const std::string_view plain =
        filter.pattern.substr(plain_begin, filter.pattern.find_first_of("*^", plain_begin) - plain_begin);
    if (plain.empty()) {
        for (std::size_t at = 0; at <= text.size(); ++at)
            if (matches_at(filter.pattern, text, at, filter.end_anchored))
                return true;
        return false;
    }
    for (std::size_t at = find(text, plain, plain_begin); at != std::string_view::npos; at = find(text, plain, at + 1))
        if (matches_at(filter.pattern, text, at - plain_begin, filter.end_anchored))
            return true;
    return false;
}

} // namespace paravent::rules
