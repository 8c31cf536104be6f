#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace paravent::statistics {

/// The pixel sends some events twice at once, to /tr and to its privacy_sandbox address (meta-reference.md section 6):
/// a person sees such an event once. Remembers the last ones that still lack their twin.
class Twins {
public:
    static constexpr std::size_t most = 64;
    static constexpr std::int64_t patience_ms = 60'000;

    /// Whether the other one of the two was here already. @param twin activity::Event::twin, not 0
    bool is_second(std::uint64_t twin, std::string_view device, std::int64_t now_ms)
    {
        const auto whose = std::hash<std::string_view>{}(device) << 1; // which of the two is in the lowest bit
        const auto other = std::find_if(alone_.begin(), alone_.end(), [&](const Alone& one) {
            return one.twin == ((twin ^ 1) ^ whose) && now_ms - one.time_ms <= patience_ms;
        });
        if (other != alone_.end()) {
            *other = {};
            return true;
        }
        alone_[next_++ % most] = {twin ^ whose, now_ms};
        return false;
    }

private:
    struct Alone {
        std::uint64_t twin = 0;
        std::int64_t time_ms = 0;
    };
    std::array<Alone, most> alone_{};
    std::size_t next_ = 0;
};

} // namespace paravent::statistics
