#pragma once

#include "proxy/statistics/counters.hpp"
#include "proxy/statistics/event_blob.hpp"
#include "proxy/statistics/mark.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace paravent::statistics {

/// The database, open for writing; used by one thread at a time. Every call may throw SQLite::Exception, the
/// constructor Unusable too.
///
/// `events`: one row an event, its id is the rowid, in the order in which they happened. `counts`: what was counted
/// since the row before it; the rows of an hour are made one when it is over. `meta`: "ids" (all below are spoken for),
/// "hits" (by rule, of counts that retention has deleted), and the mark of each writer's last transaction (see Mark).
class Store {
public:
    explicit Store(const std::filesystem::path& file);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    bool fresh() const noexcept { return fresh_; }
    /// Whether the database, its log and the log's index are still the files with those names. What is written into a
    /// log that has lost its name nobody finds.
    bool in_place() const;

    std::int64_t ids();                 ///< the first id that is neither spoken for nor taken
    void reserve_ids(std::int64_t ids); ///< all below are, from the commit on

    bool has(Mark mark); ///< whether it is that of its writer's last transaction
    void put(Mark mark); ///< on this transaction
    /// Of writers that cannot be alive any more.
    void forget_marks(std::int64_t now_ms);

    void begin(); ///< takes the write lock: waits a second at most
    void commit();
    void rollback() noexcept;
    void insert(const EventBlob& event);
    void insert(const HourCounts& counts);

    /// One row each for the hours before `hour` that were written since the last call.
    void finish_hours(std::int64_t hour);
    /// Deletes what is older than `before_ms`, oldest first, some thousand rows a call. `now_ms` finds times that a
    /// wrong clock put into the future. Nothing happens where one of both lies before `clock_begins_ms`.
    void expire(std::int64_t before_ms, std::int64_t now_ms);
    /// Deletes the oldest events until the rows take less than `max_bytes`; bounded work a call.
    /// Returns whether the file itself is still larger (see `compact`).
    bool shrink(std::uint64_t max_bytes);

    /// Deletes all events that match, overwriting them, and the counts under these labels (empty: not asked; both
    /// empty: all events and counts). Begins and commits by itself, `compact` takes the rest out of the file. Returns
    /// how many.
    std::uint64_t forget(std::string_view device, std::string_view site);
    /// Writes the database anew without its free pages, and empties the log. Nobody may be reading.
    void compact();

    /// Moves the log into the database when it has grown long.
    void checkpoint_if_long();
    /// Now, as far as others allow it.
    void checkpoint() noexcept;
    void copy_to(const std::filesystem::path& file);

    std::uint64_t events_since(std::int64_t time_ms, std::uint64_t at_most);
    /// Requests by rule since the database began.
    void each_hit(const std::function<void(std::string_view rule, std::uint64_t requests)>& visit);

private:
    using Names = std::array<std::uint64_t, 3>; ///< which files have those of the database, its log and the log's index
    Names names() const;
    void keep_hits(const HourCounts& counts);
    void forget_counts(std::string_view device, std::string_view site);
    std::uint64_t forget_events(std::string_view device, std::string_view site);
    std::optional<HourCounts> old_hits();

    std::filesystem::path file_;
    bool fresh_ = false;
    std::unique_ptr<SQLite::Database> db_;
    Names names_{};
    bool has_log_ = false;
    std::unique_ptr<SQLite::Statement> insert_event_, insert_counts_;
    int log_pages_ = 0;
    std::int64_t finished_row_ = 0; ///< `counts` up to here hold finished hours in one row each
};

} // namespace paravent::statistics
