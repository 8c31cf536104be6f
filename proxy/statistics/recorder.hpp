#pragma once

#include "config/settings.hpp"
#include "proxy/activity/event.hpp"
#include "proxy/statistics/matching.hpp"
#include "proxy/statistics/query.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace paravent::statistics {

struct Options {
    std::filesystem::path database;
    config::Duration retention{};
    config::Duration flush{};               ///< 0: each event at once
    std::size_t max_rows_a_day = 50'000;    ///< beyond it events are counted, not kept (R10)
    std::uint64_t max_bytes = 512ull << 20; ///< size cap of the database: the oldest rows go first
    std::function<std::int64_t()> now_ms;   ///< Unix time; empty: the system's clock. `flush` is not measured by it
};

/// Takes what the proxy saw, keeps it in memory, and writes it in batches from a thread of its own.
/// Everything here may be called from any thread. `count` and `record` never wait for the disk.
class Recorder {
public:
    /// Opens or creates the database; one that cannot be used is moved aside (…​.broken-<time>) and a new one
    /// begun; where that fails too, everything is kept in memory only and tried again at each flush. Never throws for
    /// the disk.
    explicit Recorder(Options options);
    /// Writes what is pending (bounded: 5 s) and stops. No other call may be under way.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    void configure(const Options& options); ///< retention, flush; another database path is taken at the next start

    /// A judged request that does not concern Meta: only counted. `rule` is "LIST/ID" or empty.
    void count(std::string_view device, rules::Action action, std::string_view rule);
    /// A connection of a device with profile `off`.
    void count_unjudged();

    /// Whether an event of that time would be kept; where not, it may be counted by `count_told` without being made.
    bool keeps(std::int64_t time_ms, config::Privacy privacy) const noexcept;
    /// A message to Meta that is only counted. `site`: the page's, else the destination.
    void count_told(std::int64_t time_ms, std::string_view device, std::string_view site, activity::Product product,
                    rules::Action action, std::string_view rule);

    /// A message to Meta. The privacy level is applied here, before anything is kept: `counters` keeps no row; `events`
    /// cuts the time to the minute and drops page, contents, custom; all levels count. Of an event that
    /// the pixel sends twice at once both are counted and one is kept. Returns the id given (0: no row).
    std::int64_t record(activity::Event&& event, config::Privacy privacy);
    std::int64_t record(const activity::Event& event, config::Privacy privacy)
    {
        return record(activity::Event{event}, privacy);
    }

    /// Cover what is not flushed yet. May wait for the disk (a second at most).
    EventPage events(const EventQuery& query) const;
    Stats stats(const StatsQuery& query) const;
    /// All events of that time (half open), newest first, for adding them up: what `visit` is given are views that end
    /// with the call. Takes a second for two million; other queries wait meanwhile.
    void each(std::int64_t from_ms, std::int64_t to_ms, const std::function<void(const Detail&)>& visit) const;
    /// What was judged since the start; only grows.
    Counts judged() const;
    /// Hits by rule "LIST/ID" since the database began.
    std::uint64_t hits(std::string_view rule) const;

    /// Events recorded from now on, called on the recording thread right after the id was given; must be quick.
    /// Ends when the returned handle goes.
    using Listener = std::function<void(const activity::Event&)>;
    [[nodiscard]] std::shared_ptr<void> listen(Listener listener);

    /// Deletes events (pending ones too), from the file's free pages and the log as well, and the counts kept under
    /// that device or site; where both are given, the events of both only (counts do not know who was where). Databases
    /// that were moved aside go too, since nobody can look into them. Empty strings: everything. Returns the number of
    /// events.
    /// @throws std::runtime_error with a sentence where the database cannot be written: what it holds is still there
    std::uint64_t forget(std::string_view device, std::string_view site);

    void flush(); ///< writes what is pending now
    /// Another process takes the database over: all that is pending is written, and ids above those that this one may
    /// still give are left to the other. What is counted and recorded from now on is written as a guest's, soon and as
    /// it is: no upkeep, nothing moved aside.
    void hand_over();
    void take_back(); ///< the other process has gone: as before, with ids above its
    /// A consistent copy of the database. @throws std::runtime_error with a sentence
    void copy_to(const std::filesystem::path& file);
    /// Puts a copy of `file`, a whole database of ours, in the place of the own one; ids go on growing. Where that
    /// fails the own one stays. @throws std::runtime_error with a sentence
    void restore_from(const std::filesystem::path& file);
    DatabaseState database() const;

private:
    struct State;
    std::shared_ptr<State> state_; ///< shared with the writer, which may hang on a dead disk
};

} // namespace paravent::statistics
