#include "proxy/statistics/pending.hpp"

#include "proxy/statistics/privacy.hpp"

#include <cassert>
#include <iterator>
#include <utility>

namespace paravent::statistics {

bool Pending::has_place(std::size_t bytes) const noexcept
{
    return size() < max_events && bytes_ + bytes <= max_bytes;
}

bool Pending::nearly_full() const noexcept
{
    return size() >= max_events / 4 * 3 || bytes_ >= max_bytes / 4 * 3;
}

void Pending::push(activity::Event event, std::size_t bytes)
{
    bytes_ += bytes;
    waiting_.push_back(std::move(event));
}

void Pending::begin_writing()
{
    assert(writing_.empty());
    writing_.swap(waiting_);
}

void Pending::written()
{
    std::deque<activity::Event>{}.swap(writing_);
    recount();
}

void Pending::put_back()
{
    waiting_.insert(waiting_.begin(), std::make_move_iterator(writing_.begin()),
                    std::make_move_iterator(writing_.end()));
    writing_.clear();
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
    const auto erased = std::erase_if(waiting_, condition);
    recount();
    return erased;
}

void Pending::number_from(std::int64_t first_id)
{
    for (auto* part : {&writing_, &waiting_})
        for (auto& event : *part)
            event.id = first_id++;
}

void Pending::recount() noexcept
{
    bytes_ = 0;
    for (const auto* part : {&waiting_, &writing_})
        for (const auto& event : *part)
            bytes_ += footprint(event);
}

} // namespace paravent::statistics
