#pragma once

#include "proxy/net/awaitable.hpp"

#include <memory>

namespace paravent::net {

/// Lets one coroutine wait for something that another part of the same worker brings about. Not for other threads.
class Signal {
public:
    Signal();
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    /// Resumes the waiter soon, or lets the next wait pass at once.
    void set() noexcept;
    /// Waits for `set`, and takes it back.
    awaitable<void> wait();

private:
    struct Waiter;
    template <class Handler>
    struct Held;
    std::unique_ptr<Waiter> waiter_;
    bool set_ = false;
};

} // namespace paravent::net
