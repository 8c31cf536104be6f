#pragma once

#include "proxy/activity/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::statistics {

/// C of interface.md ("Shapes").
struct Counts {
    std::uint64_t requests = 0, allow = 0, log = 0, block = 0, answer = 0;
    void add(rules::Action action, std::uint64_t n = 1) noexcept;
    Counts& operator+=(const Counts& other) noexcept;
    bool operator==(const Counts&) const = default;
};

enum class By : std::uint8_t { hour, day, device, site, product, verdict, rule };
std::optional<By> by_named(std::string_view name) noexcept;
std::string_view name_of(By by) noexcept;

struct StatsQuery {
    std::optional<std::int64_t> from_ms, to_ms; ///< half open; hours are counted whole
    By by = By::day;
};
struct Stats {
    std::int64_t from_ms = 0, to_ms = 0;
    By by = By::day;
    Counts total;
    struct Row {
        std::string key; ///< hour: "2026-11-24T09:00:00Z"; day: "2026-11-24"; the bounded rest is "other"
        Counts counts;
        std::int64_t first_ms = INT64_MAX,
                     last_ms = INT64_MIN; ///< beginnings of the hours in which it was first and last seen
    };
    std::vector<Row> rows; ///< hour, day: by time; else by requests, most first
};

struct EventQuery {
    std::string device, site; ///< site: interface.md's SITE (page's site where known, else destination: host or domain)
    std::optional<activity::Product> product;
    std::optional<rules::Action> verdict;
    std::optional<std::int64_t> from_ms, to_ms;
    std::string text;                   ///< q: in site, destination, name or rule, case-insensitive
    unsigned limit = 100;               ///< at most 1000
    std::optional<std::int64_t> before; ///< cursor: ids below this
};
struct EventPage {
    std::vector<activity::Event> items; ///< newest first
    std::optional<std::int64_t> next;   ///< cursor
    /// Where the search took too long and was broken off: the time of the event at the cursor.
    std::optional<std::int64_t> searched_to_ms;
};

/// Times before this come from a clock that was not set (a Pi without a battery).
inline constexpr std::int64_t clock_begins_ms = 1'704'067'200'000; // 2024

struct DatabaseState {
    enum class State : std::uint8_t { ok, moved, off } state = State::ok; ///< moved: a broken one was set aside
    std::uint64_t bytes = 0;
    std::uint64_t dropped = 0; ///< events that found the queue full or the database unwritable
    std::string problem;       ///< a sentence, empty where all is well
};

} // namespace paravent::statistics
