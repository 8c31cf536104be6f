#pragma once

#include "proxy/net/awaitable.hpp"

#include <memory>

namespace paravent::net {

class Signal;

/// The signals of one worker that somebody waits for. A coroutine that waits for a signal in its own frame keeps itself
/// alive, so at the worker's end these have to be let go.
class Signals {
public:
    Signals() = default;
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    /// Gives up every wait; its coroutine never resumes.
    void drop() noexcept;

private:
    friend class Signal;
    Signal* first_ = nullptr;
};

/// Lets one coroutine wait for something that another part of the same worker brings about. Not for other threads.
class Signal {
public:
    explicit Signal(Signals& signals) noexcept;
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    /// Resumes the waiter soon, or lets the next wait pass at once.
    void set() noexcept;
    /// Waits for `set`, and takes it back.
    awaitable<void> wait();

private:
    friend class Signals;
    void link() noexcept;
    void unlink() noexcept;
    struct Waiter;
    template <class Handler>
    struct Held;
    Signals& signals_;
    Signal* before_ = nullptr; ///< both only while there is a waiter
    Signal* after_ = nullptr;
    std::unique_ptr<Waiter> waiter_;
    bool set_ = false;
};

} // namespace paravent::net
