#include "proxy/statistics/pending.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <utility>

namespace paravent::statistics {
namespace {

constexpr std::size_t chunk_bytes = 16 * 1024;
constexpr std::size_t entries_at_first = 128; ///< as many as such events as are usual fill a chunk

} // namespace

Pending::Chunk::Chunk(std::size_t capacity)
    : bytes_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity)
{
    entries_.reserve(entries_at_first);
}

void Pending::Chunk::push(const activity::Event& event)
{
    char* const begin = bytes_.get() + used_;
    const auto size = static_cast<std::size_t>(encode(event, begin) - begin);
    entries_.push_back({event.id, event.time_ms, static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(size)});
    used_ += size;
}

void Pending::Chunk::push(const EventBlob& blob)
{
    std::memcpy(bytes_.get() + used_, blob.data.data(), blob.data.size());
    entries_.push_back(
        {blob.id, blob.time_ms, static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(blob.data.size())});
    used_ += blob.data.size();
}

EventBlob Pending::Chunk::operator[](std::size_t i) const noexcept
{
    const auto& entry = entries_[i];
    return {entry.id, entry.time_ms, {bytes_.get() + entry.begin, entry.size}};
}

Pending::Pending() = default;
Pending::~Pending() = default;

Pending::Chunk& Pending::with_room(std::vector<Chunk>& part, std::size_t bytes)
{
    if (part.empty() || !part.back().has_room(bytes)) {
        part.emplace_back(std::max(bytes, chunk_bytes));
        bytes_ += part.back().capacity();
    }
    return part.back();
}

void Pending::push(const activity::Event& event)
{
    assert(!full());
    with_room(waiting_, most_bytes(event)).push(event);
    ++events_;
}

void Pending::begin_writing()
{
    assert(writing_.empty());
    writing_.swap(waiting_);
}

void Pending::each_being_written(const std::function<void(const EventBlob&)>& visit) const
{
    for (const auto& chunk : writing_)
        for (std::size_t i = 0; i < chunk.size(); ++i)
            visit(chunk[i]);
}

Pending::Written Pending::written()
{
    for (const auto& chunk : writing_) {
        events_ -= chunk.size();
        bytes_ -= chunk.capacity();
    }
    return std::exchange(writing_, {});
}

void Pending::put_back()
{
    waiting_.insert(waiting_.begin(), std::make_move_iterator(writing_.begin()),
                    std::make_move_iterator(writing_.end()));
    writing_.clear();
}

void Pending::each(const std::function<bool(const EventBlob&)>& visit, bool only_waiting) const
{
    for (const auto* part : {&waiting_, &writing_}) {
        if (only_waiting && part == &writing_)
            return;
        for (auto chunk = part->rbegin(); chunk != part->rend(); ++chunk)
            for (auto i = chunk->size(); i-- > 0;)
                if (!visit((*chunk)[i]))
                    return;
    }
}

std::size_t Pending::erase(const std::function<bool(const EventBlob&)>& condition)
{
    const auto events_before = std::exchange(events_, 0);
    bytes_ = 0;
    for (auto* part : {&writing_, &waiting_}) {
        const auto before = std::exchange(*part, {});
        for (const auto& chunk : before)
            for (std::size_t i = 0; i < chunk.size(); ++i)
                if (const auto blob = chunk[i]; !condition(blob)) {
                    with_room(*part, blob.data.size()).push(blob);
                    ++events_;
                }
    }
    return events_before - events_;
}

void Pending::number_from(std::int64_t first_id)
{
    for (auto* part : {&writing_, &waiting_})
        for (auto& chunk : *part)
            for (std::size_t i = 0; i < chunk.size(); ++i)
                chunk.renumber(i, first_id++);
}

} // namespace paravent::statistics
