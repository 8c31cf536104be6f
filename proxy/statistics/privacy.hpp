#pragma once

#include "config/settings.hpp"
#include "proxy/activity/event.hpp"

namespace paravent::statistics {

/// Takes away what the level does not allow to be kept, before anything is kept: at `events` page, contents, custom
/// data and the seconds of the time. (`counters` keeps no event at all; that is the caller's affair.)
void apply(config::Privacy privacy, activity::Event& event);

/// Cuts every text and list to its bound, whatever was decoded: an event takes at most some 40 KiB.
void bound(activity::Event& event);

} // namespace paravent::statistics
