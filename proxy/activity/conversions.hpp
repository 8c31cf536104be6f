#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/secrets.hpp"

#include <string_view>
#include <vector>

namespace paravent::activity {

/// The events of a Conversions API body (meta-reference.md section 3): of `{"data": […]}`, of a bare list, or of the
/// single event object that OpenBridge posts (section 6). Each begins as a copy of `event`, which has what the address
/// tells and learns whether all of the text was read; none where the text holds no event.
/// @param known what the request told of somebody elsewhere
std::vector<Event> conversion_events(std::string_view json, const Secrets& known, Event& event);

/// The same where the events came in a form: `data` = JSON.
std::vector<Event> conversion_events(const Fields& fields, const Secrets& known, Event& event);

} // namespace paravent::activity
