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

struct Deleted {}; ///< the database, while it was written

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
    // Again, since ids that are taken are given anew, and a broken database is set aside and a new one begun.
    for (int attempt = 0; attempt < 3; ++attempt) {
        try {
            leave_if_moved();
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
            settle();
            write_once(last);
            const std::lock_guard lock(mutex);
            problem.clear();
            woken_early = false;
            return true;
        } catch (const Deleted&) {
            give_up_writing();
            const std::lock_guard lock(mutex);
            problem = file.string() + " is deleted again and again: statistics are kept in memory until it stays";
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
        take();
        if (last)
            ids = next_id;
        else if (reserved_id < next_id + static_cast<std::int64_t>(Pending::max_events))
            ids = next_id + ids_ahead;
    }
    insert_taken();
    if (ids != 0)
        store->reserve_ids(ids);
    const bool too_large = maintain(time);
    const auto written = commit(ids); // freed at the end, without a lock
    store->checkpoint_if_long();
    if (too_large) {
        const std::lock_guard lock(reading);
        reader.reset();
        store->compact();
    }
}

/// A transaction whose commit failed is in the file or not: as the log is read next time. Then it is tried again as it
/// was, until that is known.
void Recorder::State::settle()
{
    if (in_doubt.value == 0)
        return;
    store->begin();
    if (!store->has(in_doubt)) {
        insert_taken();
        (void)commit();
        return;
    }
    store->rollback();
    Pending::Written written; // freed at the end, without a lock
    const std::lock_guard gate_lock(gate);
    written = taken_is_written();
}

/// What waits is being written from now on. `mutex` is held.
void Recorder::State::take()
{
    pending.begin_writing();
    counts_being_written = counters.take();
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
    store->forget_marks(time);
    store->expire(time - retention.count(), time);
    const bool too_large = store->shrink(max_bytes);
    maintained_hour = hour;
    return too_large;
}

/// `ids`: which are spoken for in this transaction; 0: none more.
Pending::Written Recorder::State::commit(std::int64_t ids)
{
    auto mark = in_doubt;
    if (mark.value == 0) {
        newest.value = std::max(now(), newest.value + 1);
        mark = newest;
    }
    store->put(mark);
    const std::lock_guard gate_lock(gate);
    {
        const std::lock_guard lock(mutex);
        in_doubt = mark;
        if (ids != 0)
            reserved_id = ids;
    }
    store->commit();
    if (!store->in_place())
        throw Deleted{}; // whether it was stored all the same is seen to when it is opened again
    number_anew = false;
    return taken_is_written();
}

/// `gate` is held. Returns what is to be freed without a lock.
Pending::Written Recorder::State::taken_is_written()
{
    const std::lock_guard lock(mutex);
    for (const auto& counts : counts_being_written)
        for (const auto& [rule, n] : counts.by(Dimension::rule))
            add_hits(rule, n.requests);
    counts_being_written.clear();
    in_doubt = {};
    return pending.written();
}

/// Whether the reader sees what is being written already: then it is not to be added from memory.
bool Recorder::State::begin_reading()
{
    Mark mark;
    {
        const std::lock_guard lock(mutex);
        mark = in_doubt;
    }
    return reader->begin(mark) && mark.value != 0;
}

void Recorder::State::give_up_writing() noexcept
{
    if (store)
        store->rollback();
    const std::lock_guard lock(mutex);
    if (in_doubt.value != 0)
        return;
    pending.put_back();
    for (const auto& counts : counts_being_written)
        counters.add(counts);
    counts_being_written.clear();
}

} // namespace paravent::statistics
