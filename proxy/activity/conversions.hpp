#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_tree.hpp"

#include <vector>

namespace paravent::activity {

/// The events of a Conversions API body (meta-reference.md section 3): of `{"data": […]}`, of a bare list, or of the
/// single event object that OpenBridge posts (section 6). Each begins as a copy of `event`, which has what the address
/// tells; none where the text holds no event. `mine`: see Seen.
std::vector<Event> conversion_events(const JsonNode& root, const Mine* mine, const Event& event);

/// The same where the events came in a form: `data` = JSON.
std::vector<Event> conversion_events(const Fields& fields, const Mine* mine, const Event& event);

} // namespace paravent::activity
