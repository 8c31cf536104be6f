#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/json_tree.hpp"
#include "proxy/activity/secrets.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

// The goods that an event is about.
namespace paravent::activity {

inline constexpr std::size_t max_contents = 64;

/// Contents of a list of {id, quantity, item_price}, or of bare ids; a single one counts as a list of one. One more
/// than `max_contents` where there are more.
std::vector<Content> contents_in(const JsonNode& list);

/// The same of a JSON text, `max_contents` at most.
std::vector<Content> contents_of(std::string_view json);

/// Makes them the event's, unless there are none. A customer's number, which may stand for the goods, is left out.
void set_contents(std::vector<Content> contents, const Secrets& secrets, Event& event);
void set_contents(const JsonNode& list, const Secrets& secrets, Event& event);
void set_contents(std::string_view json, const Secrets& secrets, Event& event);

/// The same for a list of ids, which may be no JSON.
void set_content_ids(std::string_view text, const Secrets& secrets, Event& event);

} // namespace paravent::activity
