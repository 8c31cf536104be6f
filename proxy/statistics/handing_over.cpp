// How the database goes to another process while this one comes to its end. See state.hpp for the locks.

#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>

namespace paravent::statistics {

void Recorder::hand_over()
{
    state_->hand_over();
}

void Recorder::take_back()
{
    state_->take_back();
}

/// After a writing all ids below `reserved_id` are spoken for here, and at least as many as memory has room for are
/// left. The other process begins at `reserved_id`. Where it cannot be written now, it is tried again as a guest, with
/// the ids given so far: whether more are spoken for in the database is not known.
void Recorder::State::hand_over()
{
    const std::lock_guard lock(disk);
    const bool written = write();
    close_store();
    const std::lock_guard memory(mutex);
    if (!written && reserved_id != 0)
        reserved_id = next_id;
    guest = true;
    wake.notify_all();
}

void Recorder::State::take_back()
{
    const std::lock_guard lock(disk);
    (void)write(); // ids given as a guest are kept: nobody else was to give them
    close_store();
    {
        const std::lock_guard memory(mutex);
        guest = false;
        maintained_hour = INT64_MIN;
        wake_now = true;
        wake.notify_all();
    }
    try {
        Store theirs(file);
        const auto ids = theirs.ids();
        const std::lock_guard memory(mutex);
        next_id = std::max(next_id, ids);
    } catch (const Unusable& why) {
        failed(why);
    } catch (const SQLite::Exception& error) {
        failed(unusable(error, file));
    }
}

/// One short transaction: events with the ids that were kept for them, and counts, which add up by themselves.
void Recorder::State::write_as_guest()
{
    {
        const std::lock_guard lock(mutex);
        if (!anything_pending())
            return;
    }
    open_as_guest();
    settle();
    store->begin();
    {
        const std::lock_guard lock(mutex);
        take();
    }
    insert_taken();
    const auto written = commit(); // freed at the end, without a lock
    const std::lock_guard lock(mutex);
    problem.clear();
    woken_early = false;
}

void Recorder::State::open_as_guest()
{
    if (store)
        return;
    if (identity_of(file) == 0) // a guest makes none
        throw Unusable(Unusable::Kind::unavailable, file.string() + " is not there");
    store = make_store();
    if (!number_anew)
        return;
    // Above what its owner has reserved as well: none are left to give then.
    const auto ids = store->ids();
    const std::lock_guard lock(mutex);
    number_above(ids);
}

} // namespace paravent::statistics
