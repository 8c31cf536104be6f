// What the writer does: opening, writing, giving up, forgetting. See state.hpp for the locks.

#include "proxy/statistics/matching.hpp"
#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace paravent::statistics {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t ids_ahead = 65'536;
static_assert(ids_ahead > 2 * static_cast<std::int64_t>(Pending::max_events));
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::size_t max_rules = 65'536;
constexpr auto retry = std::chrono::seconds{1};
constexpr auto maintenance = std::chrono::hours{1};
constexpr std::uint64_t checked_at_start = 64u << 20; ///< larger databases are read through only as they are used

} // namespace

std::int64_t Recorder::State::system_now() noexcept
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Recorder::State::State(Options given)
    : file(std::filesystem::absolute(given.database)), clock(given.now_ms), options(std::move(given))
{
    const std::lock_guard lock(disk);
    try {
        open();
    } catch (const Unusable& why) {
        failed(why);
    } catch (const SQLite::Exception& error) {
        failed(unusable(error, file));
    }
    if (!store)
        next_id = std::max<std::int64_t>(next_id, now()); // see open
}

void Recorder::State::run()
{
    {
        const std::lock_guard lock(disk);
        write();
    }
    check_file();

    auto last = Clock::now();
    std::unique_lock lock(mutex);
    while (!stopping) {
        const auto interval = std::max<Clock::duration>(options.flush, problem.empty() ? Clock::duration{} : retry);
        const auto due = last + (anything_pending() ? std::min<Clock::duration>(interval, maintenance) : maintenance);
        if (!wake_now && !suspect && Clock::now() < due) {
            wake.wait_until(lock, due);
            continue;
        }
        wake_now = false;
        lock.unlock();
        {
            const std::lock_guard disk_lock(disk);
            write();
        }
        last = Clock::now();
        lock.lock();
    }
    lock.unlock();
    {
        const std::lock_guard disk_lock(disk);
        write(true);
        close_store();
    }
    lock.lock();
    stopped = true;
    told.notify_all();
}

bool Recorder::State::write(bool last)
{
    // Twice, since a broken database is set aside and a new one begun.
    for (int attempt = 0; attempt < 2; ++attempt) {
        try {
            if (store && !store->in_place()) // deleted, or another one put in its place
                close_store();
            open();
            if (suspect.exchange(false))
                Reader{file}.check([this] {
                    const std::lock_guard lock(mutex);
                    return !stopping;
                });
            write_once(last);
            const std::lock_guard lock(mutex);
            problem.clear();
            woken_early = false;
            return true;
        } catch (const Unusable& why) {
            if (!failed(why))
                return false;
        } catch (const SQLite::Exception& error) {
            if (!failed(unusable(error, file)))
                return false;
        }
    }
    return false;
}

/// Whether to try again at once.
bool Recorder::State::failed(const Unusable& why)
{
    give_up_writing();
    if (why.kind() == Unusable::Kind::broken) {
        set_aside(why.what());
        const std::lock_guard lock(mutex);
        return problem.empty();
    }
    if (why.kind() != Unusable::Kind::busy)
        close_store();
    const std::lock_guard lock(mutex);
    problem = why.what();
    told.notify_all();
    return false;
}

void Recorder::State::give_up_writing() noexcept
{
    if (store)
        store->rollback();
    const std::lock_guard lock(mutex);
    pending.put_back();
    for (const auto& counts : counts_being_written)
        counters.add(counts);
    counts_being_written.clear();
}

void Recorder::State::close_store()
{
    const std::lock_guard lock(reading);
    reader.reset();
    store.reset();
}

void Recorder::State::set_aside(const std::string& why)
{
    close_store();
    const auto name = move_aside(file, now());
    const std::lock_guard lock(mutex);
    if (name.empty())
        problem = why + " and cannot be moved aside: statistics are kept in memory only";
    else {
        moved = why + "; it was kept as " + name.filename().string() + " and a new one begun";
        problem.clear();
    }
}

void Recorder::State::open()
{
    if (store)
        return;
    auto opened = std::make_unique<Store>(file);
    const auto ids = opened->ids();
    std::int64_t reserved = 0;
    {
        const std::lock_guard lock(mutex);
        // The one before was lost, and with it which ids were given: the time in milliseconds is above any of them.
        if (opened->fresh() && next_id == 1 && (!moved.empty() || has_broken_ones(file)))
            next_id = now();
        if (ids > std::max(next_id, reserved_id)) { // else it is what was reserved here
            // Only at the start can ids be out that the database does not know of: while it was locked, with a clock
            // that was wrong. They have been given to nothing that is stored.
            pending.number_from(ids);
            next_id = ids + static_cast<std::int64_t>(pending.size());
        }
        reserved_id = reserved = next_id + ids_ahead;
    }
    opened->begin();
    opened->reserve_ids(reserved);
    opened->commit();
    store = std::move(opened);
}

/// What is remembered of the database: hits by rule, rows of the day.
void Recorder::State::learn()
{
    {
        const std::lock_guard lock(mutex);
        if (hits_known)
            return;
    }
    std::vector<std::pair<std::string, std::uint64_t>> found;
    store->each_hit([&](std::string_view rule, std::uint64_t n) { found.emplace_back(rule, n); });
    const auto today = now() / day_ms;
    std::size_t at_most = 0;
    {
        const std::lock_guard lock(mutex);
        at_most = options.max_rows_a_day;
    }
    const auto rows = store->events_since(today * day_ms, at_most);

    const std::lock_guard lock(mutex);
    for (const auto& [rule, n] : found)
        add_hits(rule, n);
    if (day == today || day == INT64_MIN) {
        day = today;
        rows_of_day += rows;
    }
    hits_known = true;
    told.notify_all();
}

void Recorder::State::add_hits(std::string_view rule, std::uint64_t requests)
{
    auto found = hits.find(std::string{rule});
    if (found == hits.end()) {
        const auto label = hits.size() < max_rules ? rule : rest_label;
        found = hits.try_emplace(std::string{label}).first;
    }
    found->second += requests;
}

void Recorder::State::write_once(bool last)
{
    learn();
    const auto time = now();
    {
        const std::lock_guard lock(mutex);
        const bool ids_left = last && reserved_id != next_id;
        if (!anything_pending() && !ids_left && maintained_hour == hour_of(time))
            return;
    }
    store->begin(); // what may fail every day fails here, with everything still in its place
    std::int64_t ids = 0;
    {
        const std::lock_guard lock(mutex);
        pending.begin_writing();
        counts_being_written = counters.take();
        if (last)
            ids = next_id;
        else if (reserved_id < next_id + static_cast<std::int64_t>(Pending::max_events))
            ids = next_id + ids_ahead;
    }
    for (const auto& event : pending.writing())
        store->insert(event);
    for (const auto& counts : counts_being_written)
        store->insert(counts);
    if (ids != 0)
        store->reserve_ids(ids);
    const bool too_large = maintain(time);
    std::deque<activity::Event> written;
    {
        const std::lock_guard gate_lock(gate);
        store->commit();
        const std::lock_guard lock(mutex);
        written = pending.written();
        for (const auto& counts : counts_being_written)
            for (const auto& [rule, n] : counts.by(Dimension::rule))
                add_hits(rule, n.requests);
        counts_being_written.clear();
        if (ids != 0)
            reserved_id = ids;
    }
    store->checkpoint_if_long();
    if (too_large) {
        const std::lock_guard lock(reading);
        reader.reset();
        store->compact();
    }
}

/// Inside the transaction, so that there is one burst of writing. Whether the file should be written anew.
bool Recorder::State::maintain(std::int64_t time)
{
    const auto hour = hour_of(time);
    if (maintained_hour == hour)
        return false;
    config::Duration retention{};
    std::uint64_t max_bytes = 0;
    {
        const std::lock_guard lock(mutex);
        retention = options.retention;
        max_bytes = options.max_bytes;
    }
    store->finish_hours(hour);
    store->expire(time - retention.count(), time);
    const bool too_large = store->shrink(max_bytes);
    maintained_hour = hour;
    return too_large;
}

/// Damage that nobody has met yet: read through once, beside everything else.
void Recorder::State::check_file()
{
    {
        const std::lock_guard lock(disk);
        if (!store || store->fresh() || bytes_on_disk(file) > checked_at_start)
            return;
    }
    try {
        Reader{file}.check([this] {
            const std::lock_guard lock(mutex);
            return !stopping;
        });
    } catch (const SQLite::Exception& error) {
        if (unusable(error, file).kind() == Unusable::Kind::broken)
            suspect = true;
    }
}

void Recorder::State::open_reader()
{
    if (reader && reader->identity() == identity_of(file))
        return;
    reader.reset();
    if (identity_of(file) == 0)
        return;
    {
        const std::lock_guard lock(mutex);
        if (!problem.empty() && !hits_known) // never been ours to read
            return;
    }
    reader = std::make_unique<Reader>(file);
}

void Recorder::State::query_failed(const SQLite::Exception& error)
{
    reader.reset();
    if (unusable(error, file).kind() != Unusable::Kind::broken)
        return;
    suspect = true;
    const std::lock_guard lock(mutex);
    wake.notify_one();
}

/// A broken database is forgotten whole. @throws std::runtime_error for any other
void Recorder::State::not_forgotten(const Unusable& why)
{
    failed(why);
    if (why.kind() != Unusable::Kind::broken)
        throw std::runtime_error(std::string{"what is stored could not be forgotten: "} + why.what());
}

std::uint64_t Recorder::State::forget(std::string_view device, std::string_view site)
{
    std::string asked{site};
    std::transform(asked.begin(), asked.end(), asked.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    const std::lock_guard disk_lock(disk);
    // Nothing may come between: what is in memory goes whatever the disk says.
    const bool everything = device.empty() && asked.empty();
    std::uint64_t forgotten = 0;
    {
        const std::lock_guard lock(mutex);
        forgotten = pending.erase([&](const activity::Event& event) {
            return (device.empty() || event.device == device) &&
                   (asked.empty() || site_matches(event.site, event.destination, asked));
        });
        if (everything) {
            counters = {};
            hits.clear();
        } else if (asked.empty())
            counters.forget(Dimension::device, [&](std::string_view label) { return label == device; });
        else if (device.empty())
            counters.forget(Dimension::site, [&](std::string_view label) { return site_matches(label, label, asked); });
    }
    try {
        if (store && !store->in_place())
            close_store();
        open();
        forgotten += store->forget(device, asked);
    } catch (const Unusable& why) {
        not_forgotten(why);
    } catch (const SQLite::Exception& error) {
        not_forgotten(unusable(error, file));
    }
    remove_broken_ones(file);
    if (!store)
        return forgotten;
    try {
        const std::lock_guard lock(reading);
        reader.reset();
        store->compact();
    } catch (const SQLite::Exception& error) {
        // Most likely the disk has no room for a second copy.
        throw std::runtime_error(
            "it is forgotten, but traces may be left in the file until there is room on the disk (" +
            std::string{error.what()} + ")");
    }
    return forgotten;
}

void Recorder::State::copy_to(const std::filesystem::path& target)
{
    const std::lock_guard lock(disk);
    if (!write()) {
        const std::lock_guard memory(mutex);
        throw std::runtime_error("no copy was made: " + problem);
    }
    try {
        store->copy_to(target);
    } catch (const SQLite::Exception& error) {
        throw std::runtime_error("no copy was made at " + target.string() + ": " + error.what());
    } catch (const std::system_error& error) {
        throw std::runtime_error("no copy was made: " + std::string{error.what()});
    }
}

} // namespace paravent::statistics
