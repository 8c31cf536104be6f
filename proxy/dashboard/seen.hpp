#pragma once

#include "proxy/dashboard/parts.hpp"
#include "proxy/reconcile/told.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace paravent::dashboard {

/// All that is kept of what was told, added up.
struct Seen {
    std::vector<reconcile::Told> told;
    std::optional<std::int64_t> begin_ms; ///< of the oldest event that is kept
    std::uint64_t events = 0, unknown_sites = 0;
};
/// May be called from any thread.
inline Seen seen_until_now(const Parts& parts)
{
    reconcile::TellTale all;
    parts.recorder.each(0, std::numeric_limits<std::int64_t>::max(),
                        [&](const statistics::Detail& event) { all.add(event); });
    Seen seen;
    seen.events = all.all().events;
    seen.unknown_sites = all.unknown_sites();
    if (seen.events > 0)
        seen.begin_ms = all.all().first_ms;
    seen.told = std::move(all).told();
    return seen;
}

} // namespace paravent::dashboard
