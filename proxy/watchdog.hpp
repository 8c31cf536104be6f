#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace paravent {

/// A thread that is watched.
struct Watched {
    /// Has what it is given called on that thread, in its turn, once; returns at once.
    std::function<void(std::function<void()>)> ask;
    /// How long its turn may keep it; 0: it must answer before there is a beat.
    std::chrono::milliseconds patience{0};
};

/// Asks each thread over and over, and gives a beat for each round in which all of them answered: while one hangs there
/// is none, and the service manager starts the service anew.
class Watchdog {
public:
    using Interval = std::chrono::microseconds;

    Watchdog(std::vector<Watched> watched, Interval every, std::function<void()> beat);
    ~Watchdog(); ///< what is watched must still be there
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

private:
    struct Round;
    std::shared_ptr<Round> round_; ///< an answer may come later than the end
    std::jthread thread_;
};

/// Half of the time in which the service manager wants to hear of us (sd_watchdog_enabled(3)); nothing where it does
/// not.
std::optional<Watchdog::Interval> watchdog_interval();

} // namespace paravent
