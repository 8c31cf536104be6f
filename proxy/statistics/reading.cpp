#include "proxy/statistics/reading.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/statistics/count_blob.hpp"
#include "proxy/statistics/database.hpp"
#include "proxy/statistics/event_blob.hpp"
#include "proxy/statistics/time_text.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <algorithm>

namespace paravent::statistics {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_keys = 65'536; ///< while adding up
constexpr std::size_t max_rows = 4096;   ///< in the answer
constexpr unsigned enough_past = 256;    ///< events too old for a query, until it ends: a clock may have jumped
constexpr auto patience = std::chrono::milliseconds{200};

} // namespace

Reader::Reader(const std::filesystem::path& file) : db_(open_for_reading(file)), identity_(identity_of(file)) {}

bool Reader::begin(Mark mark)
{
    db_->exec("BEGIN");
    // BEGIN alone reads nothing: the moment is fixed by the first look.
    return mark_in(*db_, mark.writer) == mark.value;
}

void Reader::end() noexcept
{
    (void)db_->tryExec("COMMIT");
}

std::optional<Reader::Stopped> Reader::events(const Matcher& matcher, std::int64_t before, std::size_t limit,
                                              std::vector<activity::Event>& out)
{
    const auto deadline = Clock::now() + patience;
    SQLite::Statement query(*db_, "SELECT id, time, data FROM events WHERE id < ? ORDER BY id DESC");
    query.bind(1, before);
    unsigned past = 0; // one after the other
    for (unsigned rows = 1; out.size() < limit && query.executeStep(); ++rows) {
        const EventBlob blob{query.getColumn(0).getInt64(), query.getColumn(1).getInt64(),
                             bytes_in(query.getColumn(2))};
        if (const auto facts = facts_of(blob); facts && matcher.matches(*facts))
            if (auto event = event_of(blob))
                out.push_back(std::move(*event));
        past = matcher.is_past(blob.time_ms) ? past + 1 : 0;
        if (past == enough_past)
            break;
        if (rows % 256 == 0 && Clock::now() > deadline)
            return Stopped{blob.id, blob.time_ms};
    }
    return std::nullopt;
}

void Reader::each(const std::function<void(const EventBlob&)>& visit)
{
    SQLite::Statement query(*db_, "SELECT id, time, data FROM events ORDER BY id DESC");
    while (query.executeStep())
        visit({query.getColumn(0).getInt64(), query.getColumn(1).getInt64(), bytes_in(query.getColumn(2))});
}

void Reader::counts(std::int64_t from_hour, std::int64_t to_hour, const std::function<void(const HourCounts&)>& visit)
{
    SQLite::Statement query(*db_, "SELECT hour, data FROM counts WHERE hour >= ? AND hour < ?");
    query.bind(1, from_hour);
    query.bind(2, to_hour);
    while (query.executeStep()) {
        auto counts = decode_counts(bytes_in(query.getColumn(1)));
        if (!counts)
            continue;
        counts->hour = query.getColumn(0).getInt64();
        visit(*counts);
    }
}

void Reader::check(const std::function<bool()>& go_on)
{
    auto* const handle = db_->getHandle();
    sqlite3_progress_handler(
        handle, 10'000, [](void* context) { return (*static_cast<const std::function<bool()>*>(context))() ? 0 : 1; },
        const_cast<std::function<bool()>*>(&go_on)); // SQLite hands it back as it is
    const std::string result = db_->execAndGet("PRAGMA quick_check(1)").getString();
    sqlite3_progress_handler(handle, 0, nullptr, nullptr);
    if (result != "ok")
        throw SQLite::Exception(result, SQLITE_CORRUPT);
}

void Summary::add(const HourCounts& counts)
{
    total_ += counts.total;
    first_hour_ = std::min(first_hour_.value_or(counts.hour), counts.hour);
    const auto add_labels = [&](Dimension dimension) {
        for (const auto& [label, n] : counts.by(dimension))
            of(activity::clean_text(label, max_label_bytes), counts.hour) += n; // a damaged file may hold anything
    };
    switch (by_) {
    case By::hour:
        of(hour_text(counts.hour * hour_ms), counts.hour) += counts.total;
        break;
    case By::day:
        of(day_text(counts.hour * hour_ms), counts.hour) += counts.total;
        break;
    case By::device:
        add_labels(Dimension::device);
        break;
    case By::site:
        add_labels(Dimension::site);
        break;
    case By::rule:
        add_labels(Dimension::rule);
        break;
    case By::product:
        for (std::size_t i = 0; i < counts.products.size(); ++i)
            if (counts.products[i].requests != 0)
                of(name_of(static_cast<activity::Product>(i)), counts.hour) += counts.products[i];
        break;
    case By::verdict: {
        const std::pair<rules::Action, std::uint64_t> actions[] = {{rules::Action::allow, counts.total.allow},
                                                                   {rules::Action::log, counts.total.log},
                                                                   {rules::Action::block, counts.total.block},
                                                                   {rules::Action::answer, counts.total.answer}};
        for (const auto& [action, n] : actions)
            if (n != 0)
                of(rules::name_of(action), counts.hour).add(action, n);
        break;
    }
    }
}

Counts& Summary::of(std::string_view key, std::int64_t hour)
{
    auto found = rows_.find(key);
    if (found == rows_.end())
        found = rows_.try_emplace(std::string{rows_.size() < max_keys ? key : rest_label}).first;
    auto& row = found->second;
    row.first_ms = std::min(row.first_ms, hour * hour_ms);
    row.last_ms = std::max(row.last_ms, hour * hour_ms);
    return row.counts;
}

Stats Summary::result() &&
{
    Stats stats;
    stats.by = by_;
    stats.total = total_;
    for (auto& [key, row] : rows_) {
        stats.rows.push_back(std::move(row));
        stats.rows.back().key = key;
    }
    if (by_ == By::hour || by_ == By::day)
        return stats; // in order already

    // Not stable_sort: libstdc++'s uses what C++17 deprecates, and clang says so.
    std::sort(stats.rows.begin(), stats.rows.end(), [](const auto& a, const auto& b) {
        return a.counts.requests != b.counts.requests ? a.counts.requests > b.counts.requests : a.key < b.key;
    });
    if (stats.rows.size() > max_rows) {
        Counts rest;
        const auto first = stats.rows.begin() + static_cast<std::ptrdiff_t>(max_rows);
        std::for_each(first, stats.rows.end(), [&](const auto& row) { rest += row.counts; });
        stats.rows.erase(first, stats.rows.end());
        const auto other =
            std::find_if(stats.rows.begin(), stats.rows.end(), [](const auto& row) { return row.key == rest_label; });
        if (other != stats.rows.end())
            other->counts += rest;
        else
            stats.rows.push_back(
                {std::string{rest_label}, rest, stats.rows.back().first_ms, stats.rows.back().last_ms});
    }
    return stats;
}

} // namespace paravent::statistics
