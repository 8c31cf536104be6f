#include "proxy/net/deadlines.hpp"

#include <ctime>

namespace paravent::net {

std::int64_t coarse_now() noexcept
{
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

Wait::Wait(Deadlines& deadlines) noexcept : owner_(&deadlines), after_(deadlines.first_)
{
    if (after_)
        after_->before_ = this;
    deadlines.first_ = this;
}

Wait::~Wait()
{
    if (after_)
        after_->before_ = before_;
    if (before_)
        before_->after_ = after_;
    else
        owner_->first_ = after_;
}

void Deadlines::expire_due(std::int64_t now)
{
    for (Wait* wait = first_; wait;) {
        Wait* const next = wait->after_;
        if (wait->due_ <= now) {
            wait->due_ = Wait::never;
            wait->expire();
        }
        wait = next;
    }
}

} // namespace paravent::net
