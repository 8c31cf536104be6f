#pragma once

#include "proxy/net/deadlines.hpp"
#include "proxy/net/error.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/stream.hpp"

namespace paravent::net {

/// Lets one coroutine wait, with a limit, for something that another part of the same worker brings about.
class Pause final : private Wait {
public:
    Pause(Deadlines& deadlines, Signals& signals) noexcept : Wait(deadlines), signal_(signals) {}

    /// Until `ring` (one that came before counts, once); Error::timeout after `limit`.
    awaitable<error_code> wait(Millis limit)
    {
        late_ = false;
        due_in(limit);
        waits_ = true;
        co_await signal_.wait();
        waits_ = false;
        no_longer_due();
        co_return late_ ? make_error_code(Error::timeout) : error_code{};
    }
    void ring() noexcept { signal_.set(); }
    /// Something else moved: a wait that goes on may go on for this much longer.
    void extend(Millis limit) noexcept
    {
        if (waits_)
            due_in(limit);
    }

private:
    void expire() override
    {
        late_ = true;
        signal_.set();
    }
    Signal signal_;
    bool waits_ = false, late_ = false;
};

} // namespace paravent::net
