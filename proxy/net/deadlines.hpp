#pragma once

#include <chrono>
#include <cstdint>

namespace paravent::net {

/// Milliseconds of the kernel's coarse monotonic clock: 5 ns to read, right to 4 ms.
std::int64_t coarse_now() noexcept;

class Deadlines;

/// Something that waits and may wait too long. While it lives it stands in its worker's list; `expire` is called by
/// the worker's tick once `due` has passed. Not movable: the list points to it.
class Wait {
public:
    static constexpr std::int64_t never = INT64_MAX;

    explicit Wait(Deadlines& deadlines) noexcept;
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    void due_in(std::chrono::milliseconds span) noexcept { due_ = coarse_now() + span.count(); }
    void no_longer_due() noexcept { due_ = never; }

protected:
    ~Wait();
    /// Called at most once for each `due_in`; may not destroy other waits.
    virtual void expire() = 0;

private:
    friend class Deadlines;
    Deadlines* owner_;
    Wait* before_ = nullptr;
    Wait* after_ = nullptr;
    std::int64_t due_ = never;
};

/// All deadlines of one worker: a list that one tick every 250 ms walks through, instead of a timer for each wait.
class Deadlines {
public:
    static constexpr std::chrono::milliseconds tick{250};

    Deadlines() = default;
    Deadlines(const Deadlines&) = delete;
    Deadlines& operator=(const Deadlines&) = delete;
    void expire_due(std::int64_t now);

private:
    friend class Wait;
    Wait* first_ = nullptr;
};

} // namespace paravent::net
