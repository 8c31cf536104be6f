#pragma once

#include "proxy/activity/fields.hpp"

#include <string>
#include <string_view>
#include <vector>

// Lists and objects in a form's names, as PHP reads them: "cd[content_ids][]", "cd[contents][0][id]".
namespace paravent::activity {

/// Whether a key (Fields::key_in) has keys in itself: "contents][0][id".
bool is_nested(std::string_view key) noexcept;

/// The group's nested fields put together: lists, of values or of objects, as JSON under their own name; a member of an
/// object as a field of its own, "size[eu]".
std::vector<Fields::Field> nested_in(std::string_view group, const Fields& fields);

} // namespace paravent::activity
