#pragma once

#include "proxy/statistics/counters.hpp"
#include "proxy/statistics/mark.hpp"
#include "proxy/statistics/matching.hpp"

#include <SQLiteCpp/Database.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::statistics {

struct EventBlob;

/// A connection for queries beside the writer's. What it shows between `begin` and `end` is one moment of the database.
/// Calls may throw SQLite::Exception.
class Reader {
public:
    explicit Reader(const std::filesystem::path& file);

    /// Returns whether this moment has `mark`.
    bool begin(Mark mark);
    void end() noexcept;

    struct Stopped {
        std::int64_t id, time_ms;
    };
    /// Adds matching events with an id below `before`, newest first, until `limit` are in `out`. A search takes a
    /// fifth of a second at most; where it stopped is returned then, its id as a cursor to go on from.
    std::optional<Stopped> events(const Matcher& matcher, std::int64_t before, std::size_t limit,
                                  std::vector<activity::Event>& out);
    /// All events, newest first.
    void each(const std::function<void(const EventBlob&)>& visit);
    /// The counts of the hours from, inclusive, to, exclusive.
    void counts(std::int64_t from_hour, std::int64_t to_hour, const std::function<void(const HourCounts&)>& visit);
    /// Throws where the database is damaged; `go_on` is asked now and then.
    void check(const std::function<bool()>& go_on);

    std::uint64_t identity() const noexcept { return identity_; }

private:
    std::unique_ptr<SQLite::Database> db_;
    std::uint64_t identity_;
};

/// Adds hours up as a StatsQuery asks; bounded in rows, the rest is "other".
class Summary {
public:
    explicit Summary(By by) : by_(by) {}
    void add(const HourCounts& counts);
    /// Hours and days by time, the others by requests.
    Stats result() &&;
    std::optional<std::int64_t> first_hour() const noexcept { return first_hour_; }

private:
    Counts& of(std::string_view key, std::int64_t hour);
    By by_;
    Counts total_;
    std::map<std::string, Stats::Row, std::less<>> rows_;
    std::optional<std::int64_t> first_hour_;
};

} // namespace paravent::statistics
