#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::activity {

using TextRange = std::pair<std::size_t, std::size_t>; ///< begin, end

/// Where the entries of a JSON list, or the members of an object ("key": value), stand in the text, without the commas
/// around them; at most `most`. The text must be valid JSON, so that brackets and quotes are all there is to look at.
std::vector<TextRange> json_entries(std::string_view json, std::size_t most);

/// Where the values of an object's members stand.
std::vector<TextRange> json_members(std::string_view json);

} // namespace paravent::activity
