#pragma once

#include "proxy/activity/event.hpp"

#include <optional>
#include <string_view>

namespace paravent::activity {

/// What the stand-in for Meta's fbevents.js (rules/surrogates) says that a page told the pixel: an urlencoded form with
/// the names of the pixel's own request, `cd[…]` for the standard keys alone, and in `ik` the kinds of identifiers,
/// with
/// "," between them, in the place of their values. The page, anybody's, may have written it itself: what is not known
/// is left out. Time, device, address, destination, verdict and rule are left for the caller. Nothing where it names
/// neither an event nor whose it is.
std::optional<Event> read_report(std::string_view form);

} // namespace paravent::activity
