#include "proxy/server/origin_pool.hpp"

#include <iterator>

namespace paravent::server {

Origin OriginPool::take(const std::string& key)
{
    const auto found = idle_.find(key);
    if (found == idle_.end())
        return {};
    auto& waiting = found->second;
    while (!waiting.empty()) {
        Origin origin = std::move(waiting.back().origin);
        waiting.pop_back();
        --count_;
        // Closed meanwhile, or it said something unasked: a reply to nobody must never reach the next request.
        if (origin.stream->quiet()) {
            origin.reused = true;
            return origin;
        }
    }
    idle_.erase(found);
    return {};
}

void OriginPool::give_back(const std::string& key, Origin origin, net::Millis idle)
{
    if (count_ >= most || !origin.in.empty())
        return;
    auto& waiting = idle_[key];
    if (waiting.size() >= most_of_one)
        return;
    origin.in.release_if_empty();
    waiting.push_back({std::move(origin), net::coarse_now() + idle.count()});
    ++count_;
}

void OriginPool::sweep(std::int64_t now)
{
    if (now < next_sweep_)
        return;
    next_sweep_ = now + sweep_every_ms;
    for (auto entry = idle_.begin(); entry != idle_.end();) {
        auto& waiting = entry->second;
        // An origin that has closed is not kept waiting for our own close.
        count_ -= std::erase_if(waiting, [&](Idle& idle) { return idle.until <= now || !idle.origin.stream->quiet(); });
        entry = waiting.empty() ? idle_.erase(entry) : std::next(entry);
    }
}

} // namespace paravent::server
