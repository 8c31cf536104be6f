// How the database is taken into use, at the start and whenever it was lost. See state.hpp for the locks.

#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace paravent::statistics {
namespace {

constexpr std::size_t max_rules = 65'536;

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

void Recorder::State::open()
{
    if (store)
        return;
    auto opened = make_store();
    const auto ids = opened->ids();
    std::int64_t reserved = 0;
    {
        const std::lock_guard lock(mutex);
        // The one before was lost, and with it which ids were given: the time in milliseconds is above any of them.
        if (opened->fresh() && next_id == 1 && (!moved.empty() || has_broken_ones(file)))
            next_id = now();
        // More than was reserved here: at the start, when ids were given while it was locked, with a clock that was
        // wrong; or another process's.
        if (number_anew || ids > std::max(next_id, reserved_id))
            number_above(ids);
        reserved_id = reserved = next_id + ids_ahead;
    }
    opened->begin();
    opened->reserve_ids(reserved);
    opened->commit();
    store = std::move(opened);
}

/// Between SQLite's opening of the log and the look at which file that is, a reader could put another one in its place.
std::unique_ptr<Store> Recorder::State::make_store()
{
    const std::lock_guard lock(reading);
    return std::make_unique<Store>(file);
}

/// `mutex` is held. Ids that were given to what is not stored yet; whether a commit in doubt is stored its mark says.
void Recorder::State::number_above(std::int64_t ids)
{
    next_id = std::max(next_id, ids);
    pending.number_from(next_id);
    next_id += static_cast<std::int64_t>(pending.size());
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
    if (day == today || day == no_day) {
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

} // namespace paravent::statistics
