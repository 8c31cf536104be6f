#pragma once

#include "proxy/activity/export.hpp"
#include "proxy/reconcile/told.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Meta's list of what companies told it about a person, beside what was seen at home.
namespace paravent::reconcile {

/// Why an event of Meta's list has no counterpart that was let through here.
enum class Reason : std::uint8_t {
    before,   ///< it is older than anything that was kept here
    same_day, ///< the same was stopped here on that day: it was told another way, from the site's server
    app,      ///< an app's, which may accept no home's certificate
    other,    ///< a server, another network, another device
};
inline constexpr std::size_t reason_count = 4;
std::string_view name_of(Reason reason) noexcept;

/// One company or site and one account.
struct Row {
    std::string site;          ///< empty where nobody saw it
    std::string name;          ///< Meta's; empty where it is not in its list
    std::string account;       ///< empty where there is none
    bool probably = false;     ///< joined by the name alone
    Tally tally;               ///< of what the list is about
    std::uint64_t in_meta = 0; ///< in Meta's list since something was kept here
    std::uint64_t stopped = 0, let_through = 0;
    std::vector<std::string> types;                     ///< Meta's words
    std::vector<std::string> names, identifiers, rules; ///< ours
    std::uint32_t products = 0;                         ///< bits, by activity::Product
    bool server = false;
    std::array<std::uint64_t, reason_count> reasons{}; ///< of `elsewhere` alone
};

struct List {
    std::vector<Row> rows; ///< most events first
    std::uint64_t events() const noexcept;
    /// Rows of one site, or under one name, are one: a company may have several numbers.
    std::size_t companies() const;
};

struct Month {
    std::int32_t month = 0; ///< months since 1970-01
    std::uint64_t meta = 0, elsewhere = 0, stopped = 0, let_through = 0;
};

inline constexpr Day lately = 30;

struct Reconciliation {
    List stopped;                       ///< seen here and stopped
    List let_through;                   ///< seen here, let through, and in Meta's list
    List elsewhere;                     ///< in Meta's list, never let through here
    List only_here;                     ///< seen here, and nothing of it in Meta's list
    std::vector<Month> months;          ///< oldest first
    std::uint64_t elsewhere_lately = 0; ///< in the `lately` days up to the newest event of Meta's list
    Day newest = 0;                     ///< of Meta's list
    /// Until when the list tells what came to Meta, where there is one: what was stopped later may be in the next.
    std::optional<std::int64_t> reach_ms;
};

/// What both sides cover.
struct Times {
    std::optional<std::int64_t> begin_ms; ///< since when things are kept here; nothing: nothing is
    std::optional<std::int64_t> list_ms;  ///< when Meta's list was imported; nothing: there is none
};

/// Joins by account, else by name. Days count, one more or less: an event is received later than it is sent, and some
/// exports name no time zone. Every event of Meta's list is the counterpart of one that was let through, or in
/// `elsewhere`.
Reconciliation reconcile(const activity::MetaExport& theirs, const std::vector<Told>& ours, const Times& times);

/// How many events of the `lately` days up to the newest of Meta's list have no counterpart; nothing where less than
/// that was kept here.
std::optional<std::uint64_t> elsewhere_lately(const activity::MetaExport& theirs, const std::vector<Told>& ours,
                                              std::optional<std::int64_t> begin_ms);

std::int32_t month_of(Day day) noexcept;
Day first_day_of(std::int32_t month) noexcept;

} // namespace paravent::reconcile
