#include "statistics_afterwards.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <grp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iostream>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;
namespace fs = std::filesystem;
using State = DatabaseState::State;

namespace {

/// Runs `body` in a child process and returns its wait status. The child ends by _exit: 0 if `body` says so.
int in_child(const std::function<bool()>& body)
{
    const auto pid = ::fork();
    BOOST_REQUIRE(pid >= 0);
    if (pid == 0)
        ::_exit(body() ? 0 : 1);
    int status = 0;
    BOOST_REQUIRE(::waitpid(pid, &status, 0) == pid);
    return status;
}

bool good(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Root may write anywhere: permissions are tried as somebody else.
bool become_nobody()
{
    return ::getuid() != 0 || (::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(unwritable)

BOOST_AUTO_TEST_CASE(R2_a_read_only_file_or_folder_leaves_everything_in_memory)
{
    const DatabaseFolder folder;
    fill(folder, 100);
    for (const bool whole_folder : {false, true}) {
        fs::permissions(folder.database(), fs::perms(whole_folder ? 0644 : 0444));
        fs::permissions(folder.path, fs::perms(whole_folder ? 0555 : 0777));
        const auto status = in_child([&] {
            if (!become_nobody())
                return false;
            Recorder recorder(options_for(folder));
            const auto id = recorder.record(event("afterwards.example"), Privacy::events);
            recorder.flush();
            const auto database = recorder.database();
            EventQuery query;
            query.site = "afterwards.example";
            return id > 0 && database.state == State::off && !database.problem.empty() &&
                   recorder.events(query).items.size() == 1 && recorder.stats({}).total.requests >= 1;
        });
        BOOST_TEST(good(status));
    }
    fs::permissions(folder.path, fs::perms(0700));
    Recorder recorder(options_for(folder));
    BOOST_TEST(stored_events(recorder) == 100u); // nothing was moved or lost
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
}

BOOST_AUTO_TEST_CASE(R2_a_locked_database_is_written_when_it_is_free_again)
{
    const DatabaseFolder folder;
    fill(folder, 10);
    Recorder recorder(options_for(folder));
    {
        SQLite::Database other(folder.database().string(), SQLite::OPEN_READWRITE, 5000); // the writer may be at it
        other.exec("BEGIN IMMEDIATE");
        records_and_counts(recorder); // waits a second in the flush, never in record
        BOOST_TEST((recorder.database().state == State::off));
        BOOST_TEST(recorder.database().problem.find("locked") != std::string::npos);
        BOOST_TEST(SQLite::Database(folder.database().string()).execAndGet("SELECT count(*) FROM events").getInt() ==
                   10);
        other.exec("ROLLBACK");
    }
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::ok));
    BOOST_TEST(SQLite::Database(folder.database().string()).execAndGet("SELECT count(*) FROM events").getInt() == 11);
    BOOST_TEST(recorder.database().dropped == 0u);
}

BOOST_AUTO_TEST_CASE(R2_a_database_locked_at_the_start_is_taken_later_and_no_id_twice)
{
    const DatabaseFolder folder;
    fill(folder, 10);
    auto options = options_for(folder);
    options.now_ms = [] { return std::int64_t{5}; }; // and the clock is not set
    SQLite::Database other(folder.database().string(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    Recorder recorder(options);
    recorder.record(event(), Privacy::events);
    other.exec("ROLLBACK");
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::ok));
    BOOST_TEST(stored_events(recorder) == 11u);
    BOOST_TEST(recorder.events({}).items[0].id > 10);
}

BOOST_AUTO_TEST_CASE(R2_a_full_disk_leaves_everything_in_memory_until_there_is_room)
{
    const DatabaseFolder folder;
    if (::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, "size=512k") != 0) {
        BOOST_TEST_MESSAGE("skipped: a small disk cannot be mounted here");
        std::cout << "skipped: R2 full disk (mounting needs root)\n";
        return;
    }
    {
        auto options = options_for(folder);
        options.max_rows_a_day = 1'000'000;
        Recorder recorder(options);
        records_and_counts(recorder);
        BOOST_TEST((recorder.database().state == State::ok));
        const auto stone = folder.path / "stone";
        {
            std::ofstream out(stone);
            while (out << std::string(4096, 'x') << std::flush) {
            }
        }
        for (int i = 0; i < 4000; ++i)
            recorder.record(event("site" + std::to_string(i) + ".example"), Privacy::events);
        records_and_counts(recorder);
        BOOST_TEST((recorder.database().state == State::off));
        BOOST_TEST(recorder.database().problem.find("full") != std::string::npos);
        BOOST_TEST(stored_events(recorder) == 4002u);
        BOOST_TEST(recorder.stats({}).total.requests == 4002u);
        BOOST_TEST(recorder.hits("meta/pixel-event") == 4002u);
        fs::remove(stone);
        recorder.record(event(), Privacy::events);
    }
    BOOST_TEST(::umount(folder.path.c_str()) == 0);
}

BOOST_AUTO_TEST_CASE(R2_a_file_that_may_not_grow_leaves_everything_in_memory_and_is_sound_afterwards)
{
    const DatabaseFolder folder;
    fill(folder, 500);
    const auto status = in_child([&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{64 * 1024, 64 * 1024};
        ::setrlimit(RLIMIT_FSIZE, &small);
        Recorder recorder(options_for(folder));
        std::int64_t last = 0;
        for (int i = 0; i < 2000; ++i)
            last = recorder.record(event(), Privacy::events);
        recorder.flush();
        recorder.flush(); // opened again, it may not give the same events other ids
        return recorder.database().state == State::off && stored_events(recorder) == 2500 &&
               recorder.events({}).items[0].id == last;
    });
    BOOST_TEST(good(status));
    Recorder recorder(options_for(folder));
    // A slow writer's first transactions may have fitted.
    const auto stored = stored_events(recorder);
    BOOST_TEST(stored >= 500u);
    BOOST_TEST(stored < 2500u);
    BOOST_TEST(recorder.stats({}).total.requests == stored);
    BOOST_TEST((recorder.database().state == State::ok));
}

BOOST_AUTO_TEST_SUITE_END()
