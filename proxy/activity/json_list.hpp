#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::activity {

inline constexpr std::size_t max_json_items = 64;   ///< entries of a list that are looked at
inline constexpr std::size_t max_json_members = 48; ///< members of an entry

/// One entry of a JSON list: an object's members that are strings, numbers or booleans (numbers as they were written,
/// so that long ids keep every digit); a bare value stands as the single member with the empty name. What is nested
/// deeper is passed over.
using JsonItem = std::vector<std::pair<std::string, std::string>>;

/// Reads a JSON list of objects or values, a single object, or a single value. Text that is no JSON, or is cut off,
/// gives the entries that came whole before the fault. Bounded in time by the text, in memory by the limits above.
std::vector<JsonItem> read_json_list(std::string_view text);

/// The member of that name; empty where there is none.
std::string_view member(const JsonItem& item, std::string_view name) noexcept;

} // namespace paravent::activity
