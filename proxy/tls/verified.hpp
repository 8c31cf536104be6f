#pragma once

#include "proxy/tls/bypass.hpp"
#include "proxy/tls/least_recent.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace paravent::tls {

/// Origins ("host:port") whose certificate was in order a while ago, so that a client may be answered before they are
/// dialled (`[tls] remember`). In memory alone, bounded. Calls may come from any thread.
class VerifiedMemory {
public:
    /// From `alpn` (as on the wire) it chose `protocol`; empty: none.
    void verified(const std::string& origin, const std::string& alpn, std::string protocol, Millis now)
    {
        const std::lock_guard lock(mutex_);
        auto* choices = origins_.find(origin);
        if (choices == nullptr)
            choices = &origins_.put(origin, {});
        std::erase_if(*choices, [&](const Choice& choice) { return choice.alpn == alpn; });
        if (choices->size() >= most_choices)
            choices->erase(choices->begin());
        choices->push_back({alpn, std::move(protocol), now});
    }
    /// What it chooses from `alpn`, if it was verified at most `remember` ago; a clock that was set back does not make
    /// that last longer.
    std::optional<std::string> protocol(const std::string& origin, const std::string& alpn, Millis remember, Millis now)
    {
        const std::lock_guard lock(mutex_);
        if (const auto* choices = origins_.find(origin))
            for (const auto& choice : *choices)
                if (choice.alpn == alpn && choice.is_new(remember, now))
                    return choice.protocol;
        return std::nullopt;
    }
    /// The same for any offer.
    bool knows(const std::string& origin, Millis remember, Millis now)
    {
        const std::lock_guard lock(mutex_);
        const auto* choices = origins_.find(origin);
        return choices != nullptr && std::ranges::any_of(*choices, [remember, now](const Choice& choice) {
                   return choice.is_new(remember, now);
               });
    }
    void forget(const std::string& origin)
    {
        const std::lock_guard lock(mutex_);
        origins_.erase(origin);
    }
    /// After a change of what is trusted.
    void forget_all()
    {
        const std::lock_guard lock(mutex_);
        origins_.erase_if([](const auto&, const auto&) { return true; });
    }

private:
    static constexpr std::size_t most_choices = 4; // clients offer h2 and http/1.1, one of them, or nothing
    struct Choice {
        std::string alpn, protocol;
        Millis at;
        bool is_new(Millis remember, Millis now) const noexcept { return now >= at && now - at < remember; }
    };
    std::mutex mutex_;
    LeastRecent<std::vector<Choice>> origins_{1024};
};

} // namespace paravent::tls
