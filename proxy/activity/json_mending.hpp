#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paravent::activity {

struct MendedJson {
    std::string text;
    bool left_out = false; ///< something was too deep
};

/// A text that is no JSON, written as it was meant: half a character (a lone surrogate, of a text that was cut in an
/// emoji) becomes U+FFFD, a control character in a string a blank, an unknown escape the character itself, NaN and the
/// infinities null. What is deeper than `max_depth` becomes null too. What is broken otherwise stays as it is.
MendedJson mend_json(std::string_view text, std::size_t max_depth);

} // namespace paravent::activity
