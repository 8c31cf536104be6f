// A disk that takes the log of the database but fails to say that it is safe: what was being written is in the file, or
// not, as the log is read the next time. It counts once either way.
#include "statistics_afterwards.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;
using State = DatabaseState::State;

namespace {

std::atomic<bool> syncs_fail{false}, opens_fail{false}, sync_deletes{false};
std::vector<std::filesystem::path> to_delete;

/// SQLite's usual way to the disk, but for its syncs. The program does the same with or without it.
class Disk {
public:
    Disk() : vfs_(*usual_)
    {
        vfs_.zName = "failing";
        vfs_.xOpen = [](sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
            if (opens_fail) {
                file->pMethods = nullptr;
                return SQLITE_CANTOPEN;
            }
            const int result = usual_->xOpen(usual_, name, file, flags, out);
            if (result == SQLITE_OK && file->pMethods != nullptr) {
                // A database has locks, its log has none. Made once: several threads open files.
                static std::array<sqlite3_io_methods, 2> changed;
                static std::array<std::once_flag, 2> made;
                const std::size_t kind = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? 0 : 1;
                std::call_once(made[kind], [&] {
                    usual_sync_ = file->pMethods->xSync;
                    changed[kind] = *file->pMethods;
                    changed[kind].xSync = [](sqlite3_file* at, int how) {
                        if (sync_deletes.exchange(false))
                            for (const auto& each : to_delete)
                                std::filesystem::remove(each);
                        return syncs_fail ? SQLITE_IOERR_FSYNC : usual_sync_.load()(at, how);
                    };
                });
                file->pMethods = &changed[kind];
            }
            return result;
        };
        sqlite3_vfs_register(&vfs_, 1);
    }
    ~Disk()
    {
        syncs_fail = opens_fail = sync_deletes = false;
        sqlite3_vfs_register(usual_, 1);
        sqlite3_vfs_unregister(&vfs_);
    }
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    void fails(bool yes = true) { syncs_fail = yes; }
    /// What is open stays so.
    void is_away(bool yes = true) { opens_fail = yes; }
    /// In the middle of the next writing.
    void loses(std::vector<std::filesystem::path> files)
    {
        to_delete = std::move(files);
        sync_deletes = true;
    }

private:
    static inline sqlite3_vfs* const usual_ = sqlite3_vfs_find(nullptr);
    static inline std::atomic<int (*)(sqlite3_file*, int)> usual_sync_ = nullptr;
    sqlite3_vfs vfs_;
};

/// A commit that fails after the log has it. Requests are counted whether events are kept or not. Meanwhile nobody
/// opens the file anew, not the recorder's own thread either, which may come late; afterwards too where it
/// `stays_away`.
void half_written(Recorder& recorder, Disk& disk, Privacy privacy = Privacy::events, bool stays_away = false)
{
    for (int i = 0; i < 10; ++i)
        recorder.record(event("before.example"), privacy);
    recorder.flush();
    disk.is_away();
    disk.fails();
    for (int i = 0; i < 5; ++i)
        recorder.record(event("doubtful.example"), privacy);
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::off));
    disk.is_away(stays_away);
}

void shows(Recorder& recorder, std::size_t events, std::uint64_t requests)
{
    BOOST_TEST(stored_events(recorder) == events);
    BOOST_TEST(recorder.stats({}).total.requests == requests);
    std::size_t visited = 0;
    recorder.each(0, INT64_MAX, [&](const Detail&) { ++visited; });
    BOOST_TEST(visited == events);
}

} // namespace

BOOST_AUTO_TEST_SUITE(doubt)

BOOST_AUTO_TEST_CASE(a_commit_that_failed_and_is_in_the_log_counts_once)
{
    const DatabaseFolder folder;
    Disk disk;
    {
        Recorder recorder(options_for(folder));
        half_written(recorder, disk);
        // The log is read anew, by a reader first.
        BOOST_TEST(SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE)
                       .execAndGet("SELECT count(*) FROM events")
                       .getInt() == 15);
        shows(recorder, 15, 15);
        recorder.record(event("after.example"), Privacy::events);
        shows(recorder, 16, 16);
        recorder.flush();
        shows(recorder, 16, 16);
        disk.fails(false);
        recorder.flush();
        BOOST_TEST((recorder.database().state == State::ok));
        shows(recorder, 16, 16);
        BOOST_TEST(recorder.hits("meta/pixel-event") == 16u);
    }
    Recorder recorder(options_for(folder));
    shows(recorder, 16, 16);
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
}

BOOST_AUTO_TEST_CASE(a_commit_that_failed_and_is_not_in_the_log_is_not_lost)
{
    const DatabaseFolder folder;
    Disk disk;
    {
        Recorder recorder(options_for(folder));
        half_written(recorder, disk, Privacy::events, true);
        std::filesystem::resize_file(folder.database().string() + "-wal", 0);
        disk.is_away(false);
        shows(recorder, 5, 5); // the ten before were only in the log
        disk.fails(false);
        recorder.record(event("after.example"), Privacy::events);
        recorder.flush();
        shows(recorder, 6, 6);
    }
    Recorder recorder(options_for(folder));
    shows(recorder, 6, 6);
}

BOOST_AUTO_TEST_CASE(counts_without_events_are_settled_as_well)
{
    const DatabaseFolder folder;
    Disk disk;
    Recorder recorder(options_for(folder));
    half_written(recorder, disk, Privacy::counters);
    shows(recorder, 0, 15);
    disk.fails(false);
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::ok));
    shows(recorder, 0, 15);
}

BOOST_AUTO_TEST_CASE(what_is_in_doubt_is_forgotten_too)
{
    for (const auto* const site : {"doubtful.example", ""}) {
        const DatabaseFolder folder;
        Disk disk;
        {
            Recorder recorder(options_for(folder));
            half_written(recorder, disk);
            BOOST_CHECK_THROW(recorder.forget({}, site), std::runtime_error);
            disk.fails(false);
            recorder.forget({}, site);
            recorder.flush();
            BOOST_TEST(stored_events(recorder) == (std::string_view{site}.empty() ? 0u : 10u));
        }
        Recorder recorder(options_for(folder));
        BOOST_TEST(stored_events(recorder) == (std::string_view{site}.empty() ? 0u : 10u));
    }
}

BOOST_AUTO_TEST_CASE(a_guest_settles_under_a_mark_of_its_own)
{
    const DatabaseFolder folder;
    Disk disk;
    Recorder guest(options_for(folder));
    guest.hand_over();
    Recorder owner(options_for(folder));
    half_written(guest, disk);
    disk.fails(false);
    for (int i = 0; i < 3; ++i) {
        owner.record(event("owners.example"), Privacy::events);
        owner.flush();
    }
    guest.flush();
    shows(owner, 18, 18);
}

BOOST_AUTO_TEST_CASE(a_commit_in_doubt_when_the_database_is_handed_over_counts_once)
{
    for (const bool in_the_log : {true, false}) {
        const DatabaseFolder folder;
        Disk disk;
        Recorder before(options_for(folder));
        half_written(before, disk, Privacy::events, true);
        before.hand_over();
        if (!in_the_log)
            std::filesystem::resize_file(folder.database().string() + "-wal", 0); // with the ten before
        disk.fails(false);
        disk.is_away(false);
        Recorder after(options_for(folder));
        after.record(event("after.example"), Privacy::events);
        after.flush();
        before.record(event("late.example"), Privacy::events);
        before.flush();
        BOOST_TEST((before.database().state == State::ok));
        BOOST_TEST(after.stats({}).total.requests == (in_the_log ? 17u : 7u));
        BOOST_TEST(stored_events(after) + before.database().dropped == (in_the_log ? 17u : 7u));
    }
}

BOOST_AUTO_TEST_CASE(two_guests_settle_each_under_its_own_mark)
{
    const DatabaseFolder folder;
    Disk disk;
    Recorder first(options_for(folder));
    half_written(first, disk);
    first.hand_over();
    disk.fails(false);
    Recorder second(options_for(folder));
    second.record(event("second.example"), Privacy::events);
    second.flush();
    second.hand_over();
    second.record(event("second.example"), Privacy::events);
    second.flush();
    first.record(event("first.example"), Privacy::counters);
    first.flush();
    BOOST_TEST((first.database().state == State::ok));
    Recorder owner(options_for(folder));
    shows(owner, 17, 18);
}

BOOST_AUTO_TEST_CASE(a_commit_in_doubt_is_settled_by_the_one_who_takes_the_database_back)
{
    const DatabaseFolder folder;
    Disk disk;
    Recorder recorder(options_for(folder));
    half_written(recorder, disk);
    recorder.hand_over();
    disk.fails(false);
    {
        Recorder other(options_for(folder));
        other.record(event("other.example"), Privacy::events);
    }
    recorder.take_back();
    recorder.record(event("after.example"), Privacy::events);
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::ok));
    shows(recorder, 17, 17);
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
}

BOOST_AUTO_TEST_CASE(the_marks_of_processes_long_gone_are_removed)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    std::int64_t now = noon;
    options.now_ms = [&now] { return now; };
    const auto marks = [&] {
        return SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE)
            .execAndGet("SELECT count(*) FROM meta WHERE key LIKE 'mark%'")
            .getInt();
    };
    for (int i = 0; i < 5; ++i) {
        Recorder recorder(options);
        recorder.record(event(), Privacy::events);
    }
    BOOST_TEST(marks() == 5);
    now += 25 * 3'600'000;
    Recorder recorder(options);
    recorder.record(event(), Privacy::events);
    recorder.flush();
    BOOST_TEST(marks() == 1);
}

BOOST_AUTO_TEST_CASE(R2_what_is_deleted_in_the_middle_of_a_writing_takes_nothing_of_it_along)
{
    // A guest waits for its owner where there is no database any more.
    for (const auto& [all, as_guest] : {std::pair{true, false}, {false, false}, {false, true}}) {
        const DatabaseFolder folder;
        const auto file = folder.database().string();
        Disk disk;
        const std::size_t left = all ? 5 : 15;
        {
            Recorder recorder(options_for(folder));
            for (int i = 0; i < 10; ++i)
                recorder.record(event("before.example"), Privacy::events);
            recorder.flush();
            if (as_guest)
                recorder.hand_over();
            for (int i = 0; i < 5; ++i)
                recorder.record(event("meanwhile.example"), Privacy::events);
            std::vector<std::filesystem::path> files{file + "-wal", file + "-shm"};
            if (all)
                files.emplace_back(file);
            disk.loses(files);
            recorder.flush();
            BOOST_TEST(!sync_deletes);
            BOOST_TEST(recorder.database().problem == "");
            BOOST_TEST(stored_events(recorder) == left);
        }
        Recorder again(options_for(folder));
        BOOST_TEST(stored_events(again) == left);
        BOOST_TEST(folder.files("statistics.db.broken-").empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
