#pragma once

#include "proxy/statistics/counters.hpp"
#include "proxy/statistics/database.hpp"
#include "proxy/statistics/mark.hpp"
#include "proxy/statistics/pending.hpp"
#include "proxy/statistics/reading.hpp"
#include "proxy/statistics/recorder.hpp"
#include "proxy/statistics/store.hpp"
#include "proxy/statistics/twins.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace paravent::statistics {

/// The Recorder's inside: recorder.cpp has what callers do, writing.cpp what the writer does, opening.cpp,
/// damage.cpp and handing_over.cpp how the database comes and goes.
///
/// Locks, in the order in which they are taken: `disk` (the store; may be held for seconds), `reading` (the reader; a
/// second), `gate` (the moment of a commit: what is pending and what is stored change together for readers), `mutex`
/// (all that is in memory; the only one that recording takes, held for a microsecond).
struct Recorder::State {
    explicit State(Options given);

    void run();                                        ///< the writer's thread
    bool write(bool last = false);                     ///< `disk` is held. False: could not be written now
    void open_reader();                                ///< `reading` is held; no reader where there is no database
    bool begin_reading();                              ///< `reading` and `gate` are held; see writing.cpp
    void query_failed(const SQLite::Exception& error); ///< `reading` is held
    std::uint64_t forget(std::string_view device, std::string_view site);
    void copy_to(const std::filesystem::path& target);
    void hand_over();
    void take_back();
    void restore_from(const std::filesystem::path& source);

    void count(const Counted& counted);

    std::int64_t now() const { return clock ? clock() : system_now(); }
    static std::int64_t system_now() noexcept;
    /// How many ids are spoken for in the database at a time: more than may be given between two writings.
    static constexpr std::int64_t ids_ahead = 65'536;
    static_assert(ids_ahead > 2 * static_cast<std::int64_t>(Pending::max_events));
    static constexpr std::int64_t day_ms = 24 * hour_ms;
    static constexpr std::int64_t no_day = INT64_MIN;
    /// Ids that may still be given without a word with the database. `mutex` is held
    bool has_id() const noexcept { return !guest || reserved_id == 0 || next_id < reserved_id; }
    /// `mutex` is held
    bool anything_pending() const noexcept
    {
        return pending.size() != 0 || !counters.empty() || !counts_being_written.empty();
    }

    struct Subscriber {
        std::mutex mutex;
        Listener listener;
    };
    using Subscribers = std::vector<std::shared_ptr<Subscriber>>;

    const std::filesystem::path file;
    const std::function<std::int64_t()> clock;

    std::mutex disk;
    std::unique_ptr<Store> store;
    std::int64_t maintained_hour = INT64_MIN; ///< retention was last seen to in this hour
    Mark newest{new_writer(), 0};             ///< of this writer's transactions
    bool number_anew = false; ///< until the next commit: the database may hold events under ids given here

    std::mutex reading;
    std::unique_ptr<Reader> reader;

    std::mutex gate;

    mutable std::mutex mutex;
    Options options;
    Counters counters;
    Counts judged; ///< since the start
    std::vector<HourCounts> counts_being_written;
    /// Of what is being written, from its commit on, and until it is known what came of that: nothing else is written
    /// before. Changes while `disk` is held as well.
    Mark in_doubt;
    bool guest = false; ///< the database is another process's; changes while `disk` is held as well
    Pending pending;
    Twins twins;
    std::int64_t next_id = 1;
    std::int64_t reserved_id = 0; ///< in the database: all below are spoken for
    std::int64_t day = no_day;    ///< since 1970; and the rows kept in it
    std::uint64_t rows_of_day = 0;
    std::unordered_map<std::string, std::uint64_t> hits; ///< by rule, of what is written
    bool hits_known = false;
    std::uint64_t dropped = 0;
    std::string problem; ///< why it cannot be written now; else empty
    std::string moved;   ///< what was set aside since the start; else empty
    std::shared_ptr<const Subscribers> subscribers;
    bool wake_now = false, woken_early = false, stopping = false, stopped = false;
    std::condition_variable wake; ///< for the writer
    std::condition_variable told; ///< hits are known; the writer has stopped

    std::atomic<std::int64_t> used_up_day{no_day}; ///< the day whose rows are known to be used up
    std::atomic<bool> suspect{false};              ///< a query met damage
    std::thread writer;

private:
    void open();                         ///< `disk` is held. @throws Unusable, SQLite::Exception
    std::unique_ptr<Store> make_store(); ///< `disk` is held, takes `reading`. @throws as open
    void number_above(std::int64_t ids); ///< `mutex` is held
    void learn();
    void write_once(bool last);
    void write_as_guest();
    void settle();
    void take();
    void insert_taken();
    [[nodiscard]] Pending::Written commit(std::int64_t ids = 0);
    [[nodiscard]] Pending::Written taken_is_written();
    void open_as_guest();
    bool maintain(std::int64_t time);
    void give_up_writing() noexcept;
    bool failed(const Unusable& why);
    void not_forgotten(const Unusable& why);
    void set_aside(const std::string& why);
    void leave_if_moved(); ///< `disk` is held
    void close_store();
    void check_file();
    void add_hits(std::string_view rule, std::uint64_t requests);
};

} // namespace paravent::statistics
