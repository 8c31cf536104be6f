#pragma once

#include "proxy/server/local_site.hpp"
#include "proxy/statistics/recorder.hpp"

#include <memory>

namespace paravent::dashboard {

/// What a reader of /events/stream may leave unread before events are dropped for it (and counted).
inline constexpr std::size_t max_unread_bytes = 256 * 1024;

/// The events recorded from now on that match the query, as server-sent events: "id: 41\ndata: {…}\n\n"; where the
/// reader was too slow, "event: dropped\ndata: {\"dropped\": 7}\n\n" stands in the place of what it missed.
std::shared_ptr<server::Feed> follow(statistics::Recorder& recorder, const statistics::EventQuery& query);

} // namespace paravent::dashboard
