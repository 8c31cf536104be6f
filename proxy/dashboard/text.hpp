#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace paravent::dashboard {

inline constexpr char32_t replacement = 0xfffd;

struct CodePoint {
    char32_t code;    ///< `replacement` for a byte that is no UTF-8
    std::size_t size; ///< bytes taken, at least 1
};
/// The code point at `at`, which must lie inside `text`.
CodePoint next_code_point(std::string_view text, std::size_t at) noexcept;

/// Whether a terminal or a page would do something instead of showing a glyph: control characters, separators of lines,
/// marks that change the writing direction, invisible joiners.
bool is_active(char32_t code) noexcept;

/// The text for a terminal: what is active stands as \u{1b}, what is no UTF-8 as U+FFFD.
std::string inert(std::string_view text);
/// The same of each line; their ends stay.
std::string inert_lines(std::string_view text);

/// What a wrong name could have been: "there are i3, i1", "there is i1", "there are none"; ten of them at most.
std::string those_there(std::span<const std::string> names);

} // namespace paravent::dashboard
