// What becomes of a database that cannot be used: tried again, left alone, or moved aside. See state.hpp for the locks.

#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

namespace paravent::statistics {
namespace {

constexpr std::uint64_t checked_at_start = 64u << 20; ///< larger databases are read through only as they are used

} // namespace

/// Whether to try again at once.
bool Recorder::State::failed(const Unusable& why)
{
    using Kind = Unusable::Kind;
    give_up_writing();
    if (why.kind() == Kind::ids_taken && !number_anew) {
        close_store();
        number_anew = true;
        return true;
    }
    // Ids that are taken even above all of them: the tables are not ours.
    if ((why.kind() == Kind::broken || why.kind() == Kind::ids_taken) && !guest) { // its owner sees to it
        set_aside(why.what());
        const std::lock_guard lock(mutex);
        return problem.empty();
    }
    if (why.kind() != Kind::busy)
        close_store();
    const std::lock_guard lock(mutex);
    problem = why.what();
    told.notify_all();
    return false;
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

/// Deleted, if only in part, or another one put in its place. What is in a log that has lost its name goes into the
/// database before: at the close, another connection may keep SQLite from it.
void Recorder::State::leave_if_moved()
{
    if (!store || store->in_place())
        return;
    store->checkpoint();
    close_store();
}

void Recorder::State::close_store()
{
    const std::lock_guard lock(reading);
    reader.reset();
    store.reset();
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

void Recorder::State::query_failed(const SQLite::Exception& error)
{
    reader.reset();
    const auto kind = unusable(error, file).kind();
    if (kind == Unusable::Kind::busy)
        return;
    if (kind == Unusable::Kind::broken)
        suspect = true;
    const std::lock_guard lock(mutex);
    wake_now = true; // its log may have been deleted: the writer sees to that
    wake.notify_one();
}

} // namespace paravent::statistics
