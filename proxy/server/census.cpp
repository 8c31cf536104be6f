#include "proxy/server/census.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace paravent::server {

unsigned Census::by_descriptors() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 400;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
            ::getrlimit(RLIMIT_NOFILE, &limit);
    }
    // Database, log, epoll, DNS sockets; and 128 pipes, but of a small number no more than half.
    const rlim_t all = std::min<rlim_t>(limit.rlim_cur, 2'000'000);
    const rlim_t kept = std::min<rlim_t>(64 + 256, all / 2);
    return static_cast<unsigned>(std::max<rlim_t>((all - kept) / 2, 4));
}

void Census::configure(Limits limits)
{
    const std::lock_guard lock(mutex_);
    limits_ = limits;
}

bool Census::full() const noexcept
{
    const std::lock_guard lock(mutex_);
    return open_ >= limits_.connections;
}

Census::Admission Census::admit(const net::Address& client)
{
    const std::lock_guard lock(mutex_);
    if (open_ >= limits_.connections)
        return Admission::full;
    auto& own = of_client_[client];
    if (own >= limits_.per_client) {
        ++refused;
        return Admission::client_has_too_many;
    }
    ++own;
    ++open_;
    ++total;
    return Admission::yes;
}

void Census::leave(const net::Address& client)
{
    const std::lock_guard lock(mutex_);
    --open_;
    const auto found = of_client_.find(client);
    if (found != of_client_.end() && --found->second == 0)
        of_client_.erase(found);
    if (open_ == 0)
        left_.notify_all();
}

bool Census::wait_until_empty(std::chrono::milliseconds limit)
{
    std::unique_lock lock(mutex_);
    return left_.wait_for(lock, limit, [this] { return open_ == 0; });
}

} // namespace paravent::server
