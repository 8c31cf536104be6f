#pragma once

#include "rules/filter.hpp"

#include <cstddef>
#include <string_view>

namespace paravent::rules {

/// A request's URL, ready to be compared with patterns.
struct Url {
    std::string_view lower; ///< ASCII letters in lower case, the host in normal form
    std::string_view exact; ///< the same with letters as they came (the host in normal form too)
    std::size_t host_begin = 0;
    std::size_t host_end = 0;
};

/// What ^ stands for, beside the end of the URL: anything but a letter, a digit and _ - . %
constexpr bool is_separator(char c) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    return !((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' || u == '-' ||
             u == '.' || u == '%' || u >= 0x80);
}

/// Whether `pattern` (with * and ^) matches `text` from `at` on; `to_the_end`: up to its end.
bool matches_at(std::string_view pattern, std::string_view text, std::size_t at, bool to_the_end) noexcept;

/// Whether a filter's pattern (not a regex) matches, wherever it may.
bool pattern_matches(const Filter& filter, const Url& url) noexcept;

} // namespace paravent::rules
