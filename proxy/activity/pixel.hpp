#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"

namespace paravent::activity {

/// Fills in what the pixel's fields tell (meta-reference.md sections 2 and 6): account, name, site and page by `dl`,
/// value, contents, custom data, kinds of identifiers. Never a value of an identifier.
void read_pixel(const Fields& fields, Event& event);

/// Site and page by the page's URL; the page is kept without query and fragment, where identifiers travel.
void set_page(std::string_view url, Event& event);

/// Counts the kind, once, where `value` says something: not empty, and not the hash of nothing or of "undefined".
void add_identifier(std::string_view kind, std::string_view value, Event& event);

/// Contents of a JSON list of {id, quantity, item_price}, or of bare ids.
std::vector<Content> contents_of(std::string_view json);

} // namespace paravent::activity
