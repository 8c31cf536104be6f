#include "proxy/reconcile/reconcile.hpp"

#include "proxy/reconcile/join.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <string_view>
#include <unordered_set>

namespace paravent::reconcile {
namespace {

using activity::ExportRow;
using activity::MetaExport;

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

/// A list may have been made long before it was imported, and does not say when. It was after its newest event, and not
/// by much: whoever is told of is told of nearly every day, and Meta lists an event up to about three days after it
/// came. A longer silence at its end looks like an older list, so it counts as one: to be asked to look again costs
/// less than to be told wrongly that nothing came.
constexpr std::int64_t silence_ms = 3 * day_ms;

/// Some of a row's events, all within a few days: one day of the newest, a month of the older ones.
struct Span {
    Day first, last;
    std::uint64_t events;
};

/// Oldest first. What a month has beyond its days stands in a span of its own.
std::vector<Span> spans_of(const ExportRow& row)
{
    std::map<std::int32_t, std::uint64_t> by_day;
    for (const auto& [day, events] : row.days)
        by_day[month_of(day)] += events;
    std::vector<Span> spans;
    for (const auto& [month, events] : row.months)
        if (const auto known = by_day[month]; events > known)
            spans.push_back({first_day_of(month), first_day_of(month + 1) - 1, events - known});
    for (const auto& [day, events] : row.days)
        spans.push_back({day, day, events});
    std::ranges::sort(spans, {}, &Span::first);
    return spans;
}

/// What was let through here and is no event's counterpart yet.
class Supply {
public:
    explicit Supply(const std::vector<Told>& ours)
    {
        for (const auto& told : ours) {
            auto& left = left_.emplace_back();
            for (const auto& [day, counts] : told.days)
                if (counts.let_through > 0)
                    left.emplace(day, counts.let_through);
        }
    }
    /// Takes at most `wanted` of those days. Returns how many there were.
    std::uint64_t take(std::size_t ours, Day first, Day last, std::uint64_t wanted)
    {
        auto& left = left_[ours];
        std::uint64_t taken = 0;
        for (auto day = left.lower_bound(first); taken < wanted && day != left.end() && day->first <= last;) {
            const auto some = std::min(wanted - taken, day->second);
            taken += some;
            day->second -= some;
            day = day->second == 0 ? left.erase(day) : std::next(day);
        }
        return taken;
    }

private:
    std::vector<std::map<Day, std::uint64_t>> left_;
};

bool stopped_between(const Told& told, Day first, Day last)
{
    for (auto day = told.days.lower_bound(first); day != told.days.end() && day->first <= last; ++day)
        if (day->second.stopped > 0)
            return true;
    return false;
}

bool is_app(const ExportRow& row)
{
    return row.types.contains("ACTIVATE_APP") || row.types.contains("AD_REQUEST");
}

/// What one of ours knows, as the beginning of its row.
Row row_of(const Told& told)
{
    Row row;
    row.site = told.site;
    row.account = told.account;
    row.stopped = told.stopped.events;
    row.let_through = told.let_through.events;
    row.names.assign(told.names.begin(), told.names.end());
    row.identifiers.assign(told.identifiers.begin(), told.identifiers.end());
    row.rules.assign(told.rules.begin(), told.rules.end());
    row.products = told.products;
    row.server = told.server;
    return row;
}

class Reconciling {
public:
    Reconciling(const MetaExport& theirs, const std::vector<Told>& ours, const Times& times)
        : ours_(ours), begin_(times.begin_ms ? std::optional(day_of(*times.begin_ms)) : std::nullopt), times_(times),
          join_(theirs, ours), supply_(ours), matches_(ours.size())
    {
        out_.reach_ms = times.list_ms;
        std::int64_t newest_ms = 0;
        for (const auto& row : theirs.rows)
            newest_ms = std::max(newest_ms, row.last_s * 1000);
        newest_ = day_of(newest_ms);
        if (out_.reach_ms && newest_ms > 0) // nothing tells the age of an empty list
            out_.reach_ms = std::min(*out_.reach_ms, newest_ms + silence_ms);
        for (const auto& row : theirs.rows)
            take(row);
        for (std::size_t i = 0; i < ours.size(); ++i)
            place(i);
    }
    Reconciliation result() &&
    {
        out_.newest = newest_;
        for (auto* list : {&out_.stopped, &out_.let_through, &out_.elsewhere, &out_.only_here})
            std::ranges::sort(list->rows, [](const Row& a, const Row& b) {
                return a.tally.events != b.tally.events ? a.tally.events > b.tally.events
                                                        : std::tie(a.site, a.name) < std::tie(b.site, b.name);
            });
        for (auto& [number, month] : months_) {
            month.month = number;
            out_.months.push_back(month);
        }
        return std::move(out_);
    }

private:
    /// What Meta's list has of one of ours.
    struct Match {
        std::string name;
        bool probably = false;
        std::uint64_t in_meta = 0;      ///< since the beginning here
        std::vector<std::string> types; ///< of all its rows, in order
    };

    Reason reason_of(const Span& span, const ExportRow& row, const std::vector<std::size_t>& partners) const
    {
        if (!begin_ || span.last < *begin_)
            return Reason::before;
        bool app = is_app(row);
        for (const auto i : partners) {
            if (stopped_between(ours_[i], span.first - 1, span.last + 1))
                return Reason::same_day;
            app = app || ours_[i].from_app();
        }
        return app ? Reason::app : Reason::other;
    }

    /// Looks for the counterparts of a row's events; those without any go to `elsewhere`.
    void take(const ExportRow& theirs)
    {
        const auto partners = join_.of(theirs);
        Row row;
        if (!partners.ours.empty())
            row = row_of(ours_[partners.ours.front()]);
        row.name = theirs.name;
        row.account = theirs.account;
        row.probably = partners.probably && !partners.ours.empty();
        for (const auto& [type, events] : theirs.types)
            row.types.push_back(type);
        row.stopped = row.let_through = 0;
        for (const auto i : partners.ours) {
            row.stopped += ours_[i].stopped.events;
            row.let_through += ours_[i].let_through.events;
        }
        for (const auto& span : spans_of(theirs)) {
            const bool seen = begin_ && span.last >= *begin_;
            row.in_meta += seen ? span.events : 0;
            std::uint64_t left = span.events;
            for (const auto i : partners.ours)
                left -= supply_.take(i, span.first - 1, span.last + 1, left);
            auto& month = months_[month_of(span.first)];
            month.meta += span.events;
            month.elsewhere += left;
            if (left == 0)
                continue;
            if (span.first > newest_ - lately)
                out_.elsewhere_lately += left;
            row.reasons[static_cast<std::size_t>(reason_of(span, theirs, partners.ours))] += left;
            row.tally.events += left;
            row.tally.first_ms = std::min(row.tally.first_ms, std::max(span.first * day_ms, theirs.first_s * 1000));
            row.tally.last_ms =
                std::max(row.tally.last_ms, std::min((span.last + 1) * day_ms - 1, theirs.last_s * 1000));
        }
        for (const auto i : partners.ours) {
            auto& match = matches_[i];
            if (match.name.empty()) {
                match.name = theirs.name;
                match.probably = partners.probably;
            }
            for (const auto& type : row.types)
                if (const auto at = std::ranges::lower_bound(match.types, type); at == match.types.end() || *at != type)
                    match.types.insert(at, type);
            match.in_meta += row.in_meta;
        }
        if (row.tally.events > 0)
            out_.elsewhere.rows.push_back(std::move(row));
    }

    /// Puts one of ours where it belongs, when all of Meta's list is known.
    void place(std::size_t i)
    {
        const auto& told = ours_[i];
        for (const auto& [day, counts] : told.days) {
            auto& month = months_[month_of(day)];
            month.stopped += counts.stopped;
            month.let_through += counts.let_through;
        }
        auto row = row_of(told);
        const auto& match = matches_[i];
        row.name = match.name;
        row.probably = match.probably;
        row.in_meta = match.in_meta;
        row.types = match.types;
        const auto put = [&row](List& list, const Tally& tally) {
            if (tally.events == 0)
                return;
            list.rows.push_back(row);
            list.rows.back().tally = tally;
        };
        put(out_.stopped, told.stopped);
        if (match.in_meta > 0) {
            put(out_.let_through, told.let_through);
            return;
        }
        // What is newer than the list cannot be missed in it.
        if (!times_.list_ms || std::min(told.stopped.first_ms, told.let_through.first_ms) > *times_.list_ms)
            return;
        auto all = told.stopped;
        all.events += told.let_through.events;
        all.first_ms = std::min(all.first_ms, told.let_through.first_ms);
        all.last_ms = std::max(all.last_ms, told.let_through.last_ms);
        put(out_.only_here, all);
    }

    const std::vector<Told>& ours_;
    const std::optional<Day> begin_;
    const Times times_;
    Day newest_ = 0; ///< in Meta's list
    const Join join_;
    Supply supply_;
    std::vector<Match> matches_;
    std::map<std::int32_t, Month> months_;
    Reconciliation out_;
};

} // namespace

std::string_view name_of(Reason reason) noexcept
{
    constexpr std::string_view names[reason_count] = {"before", "same_day", "app", "other"};
    return names[static_cast<std::size_t>(reason)];
}

std::uint64_t List::events() const noexcept
{
    return std::accumulate(rows.begin(), rows.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const Row& row) { return sum + row.tally.events; });
}

std::size_t List::companies() const
{
    std::unordered_set<std::string_view> names;
    for (const auto& row : rows)
        names.insert(!row.site.empty() ? row.site : !row.name.empty() ? row.name : row.account);
    return names.size();
}

std::int32_t month_of(Day day) noexcept
{
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    return (static_cast<int>(date.year()) - 1970) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

Day first_day_of(std::int32_t month) noexcept
{
    const std::chrono::year_month first{std::chrono::year{1970 + month / 12},
                                        std::chrono::month{static_cast<unsigned>(month % 12 + 1)}};
    return static_cast<Day>(std::chrono::sys_days{first / std::chrono::day{1}}.time_since_epoch().count());
}

Reconciliation reconcile(const MetaExport& theirs, const std::vector<Told>& ours, const Times& times)
{
    return Reconciling(theirs, ours, times).result();
}

std::optional<std::uint64_t> elsewhere_lately(const MetaExport& theirs, const std::vector<Told>& ours,
                                              std::optional<std::int64_t> begin_ms)
{
    const auto result = reconcile(theirs, ours, {begin_ms, {}});
    if (!begin_ms || day_of(*begin_ms) > result.newest - lately + 1)
        return {};
    return result.elsewhere_lately;
}

} // namespace paravent::reconcile
