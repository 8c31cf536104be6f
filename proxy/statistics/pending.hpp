#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/statistics/event_blob.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace paravent::statistics {

/// Events that are not in the database yet, oldest first, bounded in number and bytes. While the oldest part is being
/// written it still counts and is still found. Not thread-safe, but what is being written may be read by the one who
/// writes.
class Pending {
    class Chunk; // a piece of memory with some hundred events, so that one of them costs no allocation

public:
    static constexpr std::size_t max_events = 16'384;
    static constexpr std::size_t max_bytes = 8u << 20; ///< full beyond it: the last event may lie across

    Pending();
    ~Pending();
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;

    bool full() const noexcept { return events_ >= max_events || bytes_ >= max_bytes; }
    /// Three quarters full: time to write, before anything is lost.
    bool nearly_full() const noexcept { return events_ >= max_events / 4 * 3 || bytes_ >= max_bytes / 4 * 3; }
    std::size_t size() const noexcept { return events_; }
    /// An event within its bounds, with its id; there must be a place.
    void push(const activity::Event& event);

    void begin_writing(); ///< all that waits; nothing may be being written
    void each_being_written(const std::function<void(const EventBlob&)>& visit) const; ///< in their order
    using Written = std::vector<Chunk>;
    [[nodiscard]] Written written(); ///< it is in the database: to be freed without a lock
    void put_back();                 ///< it is not

    /// Newest first, until `visit` returns false; all, or only what waits.
    void each(const std::function<bool(const EventBlob&)>& visit, bool only_waiting = false) const;
    /// Nothing may be reading what is being written. Returns how many went.
    std::size_t erase(const std::function<bool(const EventBlob&)>& condition);
    void number_from(std::int64_t first_id);

private:
    class Chunk {
    public:
        explicit Chunk(std::size_t capacity);

        bool has_room(std::size_t bytes) const noexcept { return capacity_ - used_ >= bytes; }
        std::size_t capacity() const noexcept { return capacity_; }
        void push(const activity::Event& event);
        void push(const EventBlob& blob);
        std::size_t size() const noexcept { return entries_.size(); }
        EventBlob operator[](std::size_t i) const noexcept;
        void renumber(std::size_t i, std::int64_t id) noexcept { entries_[i].id = id; }

    private:
        struct Entry {
            std::int64_t id, time_ms;
            std::uint32_t begin, size;
        };
        std::unique_ptr<char[]> bytes_;
        std::size_t capacity_, used_ = 0;
        std::vector<Entry> entries_;
    };

    Chunk& with_room(std::vector<Chunk>& part, std::size_t bytes);

    std::vector<Chunk> waiting_, writing_;
    std::size_t events_ = 0, bytes_ = 0; ///< of both
};

} // namespace paravent::statistics
