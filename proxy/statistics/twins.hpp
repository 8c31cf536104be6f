#pragma once

#include "proxy/activity/event.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace paravent::statistics {

/// The pixel sends some events twice at once, to /tr and to its privacy_sandbox address (meta-reference.md section 6):
/// a person sees such an event once. Remembers the last ones that still lack their twin.
class Twins {
public:
    static constexpr std::size_t most = 64;
    static constexpr std::int64_t patience_ms = 60'000;

    /// Whether the other one of the two is kept already, with the same verdict. @param event its twin is not 0
    bool is_second(const activity::Event& event, std::int64_t now_ms)
    {
        const auto other = std::find_if(alone_.begin(), alone_.end(), [&](const Alone& one) {
            return one.twin == (key_of(event) ^ 1) && now_ms - one.time_ms <= patience_ms;
        });
        if (other == alone_.end())
            return false;
        *other = {};
        return true;
    }
    /// It is kept.
    void remember(const activity::Event& event, std::int64_t now_ms)
    {
        alone_[next_++ % most] = {key_of(event), now_ms};
    }

private:
    /// Which of the two it is stays in the lowest bit.
    static std::uint64_t key_of(const activity::Event& event)
    {
        const auto whose = std::hash<std::string>{}(event.device) + static_cast<unsigned>(event.verdict);
        return event.twin ^ (whose << 1);
    }
    struct Alone {
        std::uint64_t twin = 0;
        std::int64_t time_ms = 0;
    };
    std::array<Alone, most> alone_{};
    std::size_t next_ = 0;
};

} // namespace paravent::statistics
