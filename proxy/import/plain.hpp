#pragma once

#include <string>
#include <string_view>

namespace paravent::imports {

/// A text from a page, written in one way: ASCII letters small, blanks of any width as a blank, without marks of
/// direction, and digits of any script as those of ASCII.
struct Plain {
    std::string text;
    bool other_digits = false; ///< some digits were of another script
};
Plain plain(std::string_view text);

} // namespace paravent::imports
