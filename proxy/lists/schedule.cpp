#include "proxy/lists/schedule.hpp"

#include <algorithm>

namespace paravent::lists {

std::int64_t due_ms(const Attempts& attempts, std::int64_t now_ms)
{
    const auto behind = [&](std::int64_t from_ms, std::chrono::seconds interval) {
        // A time that is still to come is of a clock that was wrong then.
        if (from_ms > now_ms)
            return now_ms;
        const double moved = static_cast<double>(interval.count()) * (0.9 + 0.2 * attempts.jitter);
        return from_ms + static_cast<std::int64_t>(moved * 1000);
    };
    if (attempts.failures > 0) {
        const auto doublings = std::min(attempts.failures - 1, 16U);
        return behind(attempts.tried_ms, std::min(first_retry * (1U << doublings), longest_retry));
    }
    if (attempts.checked_ms == 0)
        return now_ms;
    return behind(attempts.checked_ms,
                  std::clamp(attempts.expires.value_or(usual_interval), shortest_interval, longest_interval));
}

} // namespace paravent::lists
