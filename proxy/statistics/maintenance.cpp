// What keeps the database small and what makes it forget; the other half of Store.

#include "proxy/statistics/count_blob.hpp"
#include "proxy/statistics/database.hpp"
#include "proxy/statistics/event_blob.hpp"
#include "proxy/statistics/matching.hpp"
#include "proxy/statistics/store.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

namespace paravent::statistics {
namespace {

constexpr int rows_a_step = 5000;

void delete_row(SQLite::Database& db, const char* sql, std::int64_t id)
{
    SQLite::Statement remove(db, sql);
    remove.bind(1, id);
    remove.exec();
}

std::uint64_t number(SQLite::Database& db, const char* sql)
{
    return static_cast<std::uint64_t>(db.execAndGet(sql).getInt64());
}

bool erase_labels(HourCounts::Labels& labels, const std::function<bool(std::string_view)>& condition)
{
    return std::erase_if(labels, [&](const auto& label) { return condition(label.first); }) != 0;
}

} // namespace

void Store::finish_hours(std::int64_t hour)
{
    Counters sums; // bounds the labels of an hour over all its rows
    std::vector<std::int64_t> rows;
    std::int64_t last = finished_row_;
    {
        SQLite::Statement query(*db_,
                                "SELECT id, hour, data FROM counts WHERE id > ? AND hour < ? ORDER BY id LIMIT 5000");
        query.bind(1, finished_row_);
        query.bind(2, hour);
        while (query.executeStep()) {
            rows.push_back(query.getColumn(0).getInt64());
            if (auto counts = decode_counts(bytes_in(query.getColumn(2)))) {
                counts->hour = query.getColumn(1).getInt64();
                sums.add(*counts);
            }
        }
    }
    const auto hours = sums.take();
    if (hours.size() < rows.size()) {
        for (const auto row : rows)
            delete_row(*db_, "DELETE FROM counts WHERE id = ?", row);
        for (const auto& counts : hours) {
            insert(counts);
            last = db_->getLastInsertRowid();
        }
    } else if (!rows.empty())
        last = rows.back();
    finished_row_ = last;
}

void Store::expire(std::int64_t before_ms, std::int64_t now_ms)
{
    if (before_ms < clock_begins_ms)
        return;
    // Rowids follow what really happened, times what a clock said: a row from the future is as old as the rows around
    // it.
    std::int64_t last_old = 0;
    {
        SQLite::Statement query(*db_, "SELECT id, time FROM events ORDER BY id LIMIT ?");
        query.bind(1, rows_a_step);
        while (query.executeStep()) {
            const auto time = query.getColumn(1).getInt64();
            if (time < before_ms && time >= clock_begins_ms)
                last_old = query.getColumn(0).getInt64();
        }
    }
    if (last_old != 0) {
        SQLite::Statement remove(*db_, "DELETE FROM events WHERE id <= ? AND (time < ? OR time > ?)");
        remove.bind(1, last_old);
        remove.bind(2, before_ms);
        remove.bind(3, now_ms + hour_ms);
        remove.exec();
    }

    SQLite::Statement query(*db_, "SELECT id, data FROM counts WHERE hour < ? AND hour >= ? ORDER BY id LIMIT 100");
    query.bind(1, hour_of(before_ms));
    query.bind(2, hour_of(clock_begins_ms));
    std::vector<std::int64_t> rows;
    HourCounts hits;
    while (query.executeStep()) {
        rows.push_back(query.getColumn(0).getInt64());
        if (auto counts = decode_counts(bytes_in(query.getColumn(1)))) {
            auto& labels = hits.by(Dimension::rule);
            std::move(counts->by(Dimension::rule).begin(), counts->by(Dimension::rule).end(),
                      std::back_inserter(labels));
        }
    }
    query.reset();
    if (!rows.empty())
        keep_hits(hits);
    for (const auto row : rows)
        delete_row(*db_, "DELETE FROM counts WHERE id = ?", row);
}

void Store::keep_hits(const HourCounts& counts)
{
    Counters sum;
    if (const auto old = old_hits())
        sum.add(*old);
    sum.add(counts);
    const auto all = sum.take();
    const auto bytes = encode(all.front());
    SQLite::Statement write(*db_, "INSERT OR REPLACE INTO meta (key, value) VALUES ('hits', ?)");
    write.bindNoCopy(1, bytes.data(), static_cast<int>(bytes.size()));
    write.exec();
}

bool Store::shrink(std::uint64_t max_bytes)
{
    const auto page = number(*db_, "PRAGMA page_size");
    const auto used = [&] {
        return page * (number(*db_, "PRAGMA page_count") - number(*db_, "PRAGMA freelist_count"));
    };
    for (int step = 0; step < 20 && used() > max_bytes; ++step) {
        SQLite::Statement remove(*db_, "DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?)");
        remove.bind(1, rows_a_step);
        if (remove.exec() == 0)
            break;
    }
    return page * number(*db_, "PRAGMA page_count") > max_bytes + max_bytes / 4;
}

std::uint64_t Store::forget(std::string_view device, std::string_view site)
{
    db_->exec("PRAGMA secure_delete = ON");
    std::uint64_t forgotten = 0;
    {
        SQLite::Transaction transaction(*db_, SQLite::TransactionBehavior::IMMEDIATE);
        if (device.empty() && site.empty()) {
            forgotten = number(*db_, "SELECT count(*) FROM events");
            db_->exec("DELETE FROM events; DELETE FROM counts; DELETE FROM meta WHERE key = 'hits'");
            finished_row_ = 0;
        } else {
            forgotten = forget_events(device, site);
            if (device.empty() || site.empty()) // counts do not know which device was at which site
                forget_counts(device, site);
        }
        transaction.commit();
    }
    db_->exec("PRAGMA secure_delete = FAST");
    return forgotten;
}

std::uint64_t Store::forget_events(std::string_view device, std::string_view site)
{
    std::uint64_t forgotten = 0;
    std::vector<std::int64_t> ids;
    for (std::int64_t after = INT64_MIN;;) {
        ids.clear();
        int seen = 0;
        {
            SQLite::Statement query(*db_, "SELECT id, time, data FROM events WHERE id > ? ORDER BY id LIMIT ?");
            query.bind(1, after);
            query.bind(2, rows_a_step);
            for (; query.executeStep(); ++seen) {
                after = query.getColumn(0).getInt64();
                const auto facts = facts_of({after, query.getColumn(1).getInt64(), bytes_in(query.getColumn(2))});
                if (!facts || concerns(*facts, device, site)) // what is damaged may be anyone's
                    ids.push_back(after);
            }
        }
        for (const auto id : ids)
            delete_row(*db_, "DELETE FROM events WHERE id = ?", id);
        forgotten += ids.size();
        if (seen < rows_a_step)
            return forgotten;
    }
}

void Store::forget_counts(std::string_view device, std::string_view site)
{
    std::int64_t after = INT64_MIN;
    SQLite::Statement query(*db_, "SELECT id, data FROM counts WHERE id > ? ORDER BY id LIMIT 1");
    SQLite::Statement update(*db_, "UPDATE counts SET data = ? WHERE id = ?");
    for (;; query.reset()) {
        query.bind(1, after);
        if (!query.executeStep())
            return;
        after = query.getColumn(0).getInt64();
        auto counts = decode_counts(bytes_in(query.getColumn(1)));
        if (!counts)
            continue;
        const bool of_device = !device.empty() && erase_labels(counts->by(Dimension::device),
                                                               [&](std::string_view label) { return label == device; });
        const bool of_site = !site.empty() && erase_labels(counts->by(Dimension::site), [&](std::string_view label) {
            return site_matches(label, label, site);
        });
        if (!of_device && !of_site)
            continue;
        const auto bytes = encode(*counts);
        update.reset();
        update.bind(1, bytes.data(), static_cast<int>(bytes.size()));
        update.bind(2, after);
        update.exec();
    }
}

void Store::compact()
{
    // Deleting overwrites the cells, but copies that a page kept of cells moved elsewhere stay: only new pages are
    // clean.
    db_->exec("VACUUM");
    const int result =
        sqlite3_wal_checkpoint_v2(db_->getHandle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (result != SQLITE_OK)
        throw SQLite::Exception(db_->getHandle(), result);
}

} // namespace paravent::statistics
