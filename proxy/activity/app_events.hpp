#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/secrets.hpp"

#include <vector>

namespace paravent::activity {

/// The events of an app's report, /<app id>/activities (meta-reference.md sections 3 and 6): one for each of its
/// custom events, or a single one named by `event`. `event` has what the address tells.
/// @param known what the request told of somebody elsewhere
std::vector<Event> app_events(const Fields& fields, const Secrets& known, Event&& event);

/// What a request of the Audience Network tells about app and device: form fields, or JSON in the field `payload`,
/// there often in an object `context`.
void read_audience_network(const Fields& fields, Event& event);

} // namespace paravent::activity
