#include "proxy/statistics/pending.hpp"

#include "proxy/statistics/privacy.hpp"

#include <cassert>
#include <iterator>
#include <utility>

namespace paravent::statistics {

bool Pending::has_place(std::size_t bytes) const noexcept
{
    return size() < max_events && waiting_bytes_ + writing_bytes_ + bytes <= max_bytes;
}

bool Pending::nearly_full() const noexcept
{
    return size() >= max_events / 4 * 3 || waiting_bytes_ + writing_bytes_ >= max_bytes / 4 * 3;
}

void Pending::push(activity::Event event, std::size_t bytes)
{
    waiting_bytes_ += bytes;
    waiting_.push_back(std::move(event));
}

void Pending::begin_writing()
{
    assert(writing_.empty());
    writing_.swap(waiting_);
    writing_bytes_ = std::exchange(waiting_bytes_, 0);
}

std::deque<activity::Event> Pending::written()
{
    writing_bytes_ = 0;
    return std::exchange(writing_, {});
}

void Pending::put_back()
{
    waiting_.insert(waiting_.begin(), std::make_move_iterator(writing_.begin()),
                    std::make_move_iterator(writing_.end()));
    writing_.clear();
    waiting_bytes_ += std::exchange(writing_bytes_, 0);
}

void Pending::each(const std::function<bool(const activity::Event&)>& visit) const
{
    for (const auto* part : {&waiting_, &writing_})
        for (auto event = part->rbegin(); event != part->rend(); ++event)
            if (!visit(*event))
                return;
}

std::size_t Pending::erase(const std::function<bool(const activity::Event&)>& condition)
{
    assert(writing_.empty());
    return std::erase_if(waiting_, [&](const activity::Event& event) {
        if (!condition(event))
            return false;
        waiting_bytes_ -= footprint(event);
        return true;
    });
}

void Pending::number_from(std::int64_t first_id)
{
    for (auto* part : {&writing_, &waiting_})
        for (auto& event : *part)
            event.id = first_id++;
}

} // namespace paravent::statistics
