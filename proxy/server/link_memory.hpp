#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace paravent::server {

/// Which links were cut a moment ago, for whom: a site that puts the mark back would send its visitor round in circles.
/// Of two that fall on one place the newer is remembered.
class LinkMemory {
public:
    /// How often this was asked before, in the ten seconds since the first time.
    unsigned asked_before(std::string_view client, std::string_view address, std::int64_t now_ms)
    {
        constexpr std::int64_t while_ms = 10'000;
        const std::hash<std::string_view> hash;
        const auto key = hash(client) * 31 + hash(address);
        const std::lock_guard lock(mutex_);
        auto& place = places_[key % places_.size()];
        if (place.key != key || now_ms - place.since >= while_ms)
            place = {key, now_ms, 0};
        return place.times++;
    }

private:
    struct Place {
        std::size_t key = 0;
        std::int64_t since = 0;
        unsigned times = 0;
    };
    std::mutex mutex_;
    std::array<Place, 512> places_;
};

} // namespace paravent::server
