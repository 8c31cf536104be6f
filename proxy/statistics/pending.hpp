#pragma once

#include "proxy/activity/event.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

namespace paravent::statistics {

/// Events that are not in the database yet, oldest first, bounded in number and bytes. While the oldest part is being
/// written it still counts and is still found. Not thread-safe, but `writing` may be read by the one who writes.
class Pending {
public:
    static constexpr std::size_t max_events = 16'384;
    static constexpr std::size_t max_bytes = 8u << 20;

    /// Whether there is a place for an event of that footprint.
    bool has_place(std::size_t bytes) const noexcept;
    /// Three quarters full: time to write, before anything is lost.
    bool nearly_full() const noexcept;
    void push(activity::Event event, std::size_t bytes);
    std::size_t size() const noexcept { return waiting_.size() + writing_.size(); }

    void begin_writing(); ///< all that waits; `writing` must be empty
    const std::deque<activity::Event>& writing() const noexcept { return writing_; }
    [[nodiscard]] std::deque<activity::Event> written(); ///< it is in the database: to be freed without a lock
    void put_back();                                     ///< it is not

    /// Newest first, until `visit` returns false.
    void each(const std::function<bool(const activity::Event&)>& visit) const;
    /// Nothing may be being written. Returns how many went.
    std::size_t erase(const std::function<bool(const activity::Event&)>& condition);
    void number_from(std::int64_t first_id);

private:
    std::deque<activity::Event> waiting_, writing_;
    std::size_t waiting_bytes_ = 0, writing_bytes_ = 0;
};

} // namespace paravent::statistics
