#include "proxy/watchdog.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace paravent {

using Clock = std::chrono::steady_clock;

struct Watchdog::Round {
    struct One {
        Watched thread;
        Clock::time_point asked{};
        bool answered = true;
    };

    std::mutex mutex;
    std::condition_variable_any told;
    std::vector<One> all;

    bool is_well(const One& one) const
    {
        return one.answered || (one.thread.patience.count() > 0 && Clock::now() - one.asked < one.thread.patience);
    }

    void run(const std::shared_ptr<Round>& self, const std::stop_token& stop, Interval every,
             const std::function<void()>& beat)
    {
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            const auto begun = Clock::now();
            for (std::size_t i = 0; i < all.size(); ++i)
                if (std::exchange(all[i].answered, false)) {
                    all[i].asked = begun;
                    lock.unlock(); // it may answer at once
                    all[i].thread.ask([self, i] { self->answer(i); });
                    lock.lock();
                }
            told.wait(lock, stop,
                      [this] { return std::ranges::all_of(all, [this](auto& one) { return is_well(one); }); });
            if (stop.stop_requested())
                return;
            lock.unlock();
            beat();
            lock.lock();
            told.wait_until(lock, stop, begun + every, [] { return false; });
        }
    }

    void answer(std::size_t i)
    {
        const std::lock_guard lock(mutex);
        all[i].answered = true;
        told.notify_all();
    }
};

Watchdog::Watchdog(std::vector<Watched> watched, Interval every, std::function<void()> beat)
    : round_(std::make_shared<Round>())
{
    for (auto& one : watched)
        round_->all.push_back({std::move(one)});
    thread_ = std::jthread([round = round_, every, beat = std::move(beat)](const std::stop_token& stop) {
        round->run(round, stop, every, beat);
    });
}

Watchdog::~Watchdog() = default;

std::optional<Watchdog::Interval> watchdog_interval()
{
    const char* const pid = std::getenv("WATCHDOG_PID");
    const char* const within = std::getenv("WATCHDOG_USEC");
    if (!within || (pid && std::to_string(::getpid()) != pid))
        return std::nullopt;
    const std::string_view text(within);
    Watchdog::Interval::rep microseconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
    if (error != std::errc{} || end != text.data() + text.size() || microseconds <= 0)
        return std::nullopt;
    return std::max(Watchdog::Interval{microseconds / 2}, Watchdog::Interval{1000});
}

} // namespace paravent
