#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

namespace paravent::net {

/// How long no name server has said anything of use. Told on the resolver's thread, asked from any.
class Silence {
public:
    using Clock = std::chrono::steady_clock;

    /// Somebody knew something about a name, if only that there is none of it.
    void over() noexcept
    {
        names_ = 0;
        last_.clear();
    }

    /// Nobody knew anything about this name.
    void goes_on(const std::string& name, Clock::time_point now = Clock::now())
    {
        if (name == last_) // one name alone may have bad servers of its own
            return;
        last_ = name;
        if (names_ == 0)
            since_ = now.time_since_epoch();
        ++names_;
    }

    /// Since when; none while it may be the names' own fault.
    std::optional<Clock::time_point> since() const noexcept
    {
        constexpr unsigned enough = 3;
        if (names_ < enough)
            return std::nullopt;
        return Clock::time_point(since_.load());
    }

private:
    std::string last_;
    std::atomic<unsigned> names_{0};
    std::atomic<Clock::duration> since_{Clock::duration::zero()};
};

} // namespace paravent::net
