// What the writer's thread does in its turn. See state.hpp for the locks.

#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <chrono>

namespace paravent::statistics {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto retry = std::chrono::seconds{1};
constexpr auto guest_flush = std::chrono::milliseconds{250}; ///< what a guest keeps to itself nobody can ask for
constexpr int guest_patience = 4;                            ///< seconds in which the owner may be busy, at the end
constexpr auto maintenance = std::chrono::hours{1};

} // namespace

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
        const auto wanted = guest ? Clock::duration{guest_flush} : Clock::duration{options.flush};
        const auto interval = std::max(wanted, problem.empty() ? Clock::duration{} : Clock::duration{retry});
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
        for (int more = guest ? guest_patience : 0; !write(true) && more > 0; --more) {
        }
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
            if (guest) {
                suspect = false; // its owner sees to it
                write_as_guest();
                return true;
            }
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
    insert_taken();
    if (ids != 0)
        store->reserve_ids(ids);
    const bool too_large = maintain(time);
    Pending::Written written; // freed at the end, without a lock
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

/// What was taken out of memory, into the transaction.
void Recorder::State::insert_taken()
{
    pending.each_being_written([this](const EventBlob& event) { store->insert(event); });
    for (const auto& counts : counts_being_written)
        store->insert(counts);
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

} // namespace paravent::statistics
