#include "statistics_fixture.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;
namespace fs = std::filesystem;
using State = DatabaseState::State;

namespace {

/// A database with some thousand events, closed.
void fill(const DatabaseFolder& folder, int events = 3000)
{
    Recorder recorder(options_for(folder));
    for (int i = 0; i < events; ++i)
        recorder.record(event("site" + std::to_string(i) + ".example"), Privacy::events);
}

/// Recording works and is counted, whatever has become of the database.
void records_and_counts(Recorder& recorder)
{
    const auto id = recorder.record(event("afterwards.example"), Privacy::events);
    BOOST_TEST(id > 0);
    EventQuery query;
    query.site = "afterwards.example";
    BOOST_TEST(!recorder.events(query).items.empty());
    BOOST_TEST(recorder.stats({}).total.requests >= 1u);
    recorder.flush();
    BOOST_TEST(!recorder.events(query).items.empty());
}

void is_moved_aside(const DatabaseFolder& folder)
{
    {
        Recorder recorder(options_for(folder));
        records_and_counts(recorder);
        BOOST_TEST(eventually([&] { return recorder.database().state == State::moved; }));
        BOOST_TEST(recorder.database().problem.find(".broken-") != std::string::npos);
        records_and_counts(recorder);
    }
    BOOST_TEST(!folder.files("statistics.db.broken-").empty());
    Recorder again(options_for(folder));
    BOOST_TEST((again.database().state == State::ok));
    BOOST_TEST(stored_events(again) >= 1u);
}

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

BOOST_AUTO_TEST_SUITE(durability)

BOOST_AUTO_TEST_CASE(R2_a_missing_database_is_begun_with_private_permissions)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.database = folder.path / "state" / "statistics.db";
    Recorder recorder(options);
    records_and_counts(recorder);
    BOOST_TEST((recorder.database().state == State::ok));
    struct stat facts{};
    BOOST_REQUIRE(::stat(options.database.c_str(), &facts) == 0);
    BOOST_TEST((facts.st_mode & 0777) == 0600u);
    BOOST_REQUIRE(::stat((options.database.string() + "-wal").c_str(), &facts) == 0);
    BOOST_TEST((facts.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_CASE(R2_a_database_deleted_while_it_is_used_is_begun_anew)
{
    const DatabaseFolder folder;
    {
        Recorder recorder(options_for(folder));
        recorder.record(event(), Privacy::events);
        recorder.flush();
        for (const auto& file : folder.files())
            fs::remove(folder.path / file);
        records_and_counts(recorder);
        BOOST_TEST((recorder.database().state == State::ok));
    }
    BOOST_TEST(fs::exists(folder.database()));
    Recorder again(options_for(folder));
    BOOST_TEST(stored_events(again) == 1u);
    BOOST_TEST(again.events({}).items[0].site == "afterwards.example");
}

BOOST_DATA_TEST_CASE(R2_a_truncated_database_is_moved_aside_and_counting_goes_on,
                     boost::unit_test::data::make({100, 1024, 5000, 100'000}), size)
{
    const DatabaseFolder folder;
    fill(folder);
    fs::resize_file(folder.database(), static_cast<std::uintmax_t>(size));
    is_moved_aside(folder);
}

BOOST_AUTO_TEST_CASE(R2_a_database_that_is_none_is_moved_aside_and_counting_goes_on)
{
    const DatabaseFolder folder;
    std::ofstream(folder.database()) << std::string(20'000, 'x');
    is_moved_aside(folder);
}

BOOST_AUTO_TEST_CASE(R2_a_database_whose_pages_are_overwritten_is_moved_aside_and_counting_goes_on)
{
    const DatabaseFolder folder;
    fill(folder);
    {
        std::fstream file(folder.database(), std::ios::binary | std::ios::in | std::ios::out);
        for (int page = 1; page < 200; page += 3) {
            file.seekp(page * 1024);
            file << std::string(64, '\xff');
        }
    }
    is_moved_aside(folder);
}

BOOST_DATA_TEST_CASE(R2_a_bit_flipped_database_never_stops_recording, boost::unit_test::data::xrange(12), seed)
{
    const DatabaseFolder folder;
    fill(folder, 800);
    std::mt19937 random(static_cast<unsigned>(seed));
    auto bytes = read(folder.database());
    for (int i = 0; i < 1 << (seed / 2); ++i)
        bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
    std::ofstream(folder.database(), std::ios::binary) << bytes;

    Recorder recorder(options_for(folder));
    // What was written before the damage was met may go aside with the file; then it stays.
    BOOST_TEST(eventually([&] {
        BOOST_TEST(recorder.record(event("afterwards.example"), Privacy::events) > 0);
        stored_events(recorder);
        recorder.stats({.from_ms = {}, .to_ms = {}, .by = By::site});
        recorder.hits("meta/pixel-event");
        recorder.flush();
        EventQuery query;
        query.site = "afterwards.example";
        return !recorder.events(query).items.empty() && recorder.stats({}).total.requests >= 1 &&
               recorder.database().state != State::off;
    }));
}

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
    BOOST_TEST(stored_events(recorder) == 500u);
    BOOST_TEST((recorder.database().state == State::ok));
}

BOOST_AUTO_TEST_CASE(a_newer_format_is_left_untouched)
{
    const DatabaseFolder folder;
    fill(folder, 10);
    SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 2");
    const auto before = read(folder.database());
    {
        Recorder recorder(options_for(folder));
        records_and_counts(recorder);
        BOOST_TEST((recorder.database().state == State::off));
        BOOST_TEST(recorder.database().problem.find("newer") != std::string::npos);
        BOOST_CHECK_THROW(recorder.forget("", ""), std::runtime_error);
        BOOST_CHECK_THROW(recorder.copy_to(folder.path / "copy.db"), std::runtime_error);
    }
    BOOST_TEST((read(folder.database()) == before));
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
}

BOOST_AUTO_TEST_CASE(another_programs_database_is_left_untouched)
{
    const DatabaseFolder folder;
    {
        SQLite::Database other(folder.database().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        other.exec("CREATE TABLE things (a); INSERT INTO things VALUES (1)");
    }
    const auto before = read(folder.database());
    {
        Recorder recorder(options_for(folder));
        records_and_counts(recorder);
        BOOST_TEST((recorder.database().state == State::off));
    }
    BOOST_TEST((read(folder.database()) == before));
}

BOOST_AUTO_TEST_CASE(broken_databases_do_not_pile_up)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    std::int64_t now = noon;
    for (int i = 0; i < 12; ++i, now += 1000) {
        std::ofstream(folder.database(), std::ios::trunc) << "no database";
        options.now_ms = [now] { return now; };
        Recorder recorder(options);
    }
    BOOST_TEST(folder.files("statistics.db.broken-").size() == 8u);
    BOOST_TEST(folder.files("statistics.db.broken-").back() == "statistics.db.broken-20261124T091255");
}

BOOST_AUTO_TEST_CASE(ids_go_on_growing_after_a_broken_database)
{
    const DatabaseFolder folder;
    fill(folder, 20);
    std::int64_t last = 20;
    for (int i = 0; i < 3; ++i) {
        std::ofstream(folder.database(), std::ios::trunc) << "no database";
        Recorder recorder(options_for(folder));
        const auto id = recorder.record(event(), Privacy::events);
        BOOST_TEST(id > last);
        last = id;
    }
}

BOOST_AUTO_TEST_CASE(R1_killed_under_load_it_starts_again_with_all_that_was_flushed_and_no_id_twice)
{
    const DatabaseFolder folder;
    std::int64_t highest = 0;
    std::size_t stored = 0;
    for (int round = 0; round < 10; ++round) {
        int ends[2];
        BOOST_REQUIRE(::pipe(ends) == 0);
        const auto pid = ::fork();
        BOOST_REQUIRE(pid >= 0);
        if (pid == 0) {
            ::close(ends[0]);
            auto options = options_for(folder);
            options.flush = config::Duration{round % 2}; // at once, and by the writer's own time
            options.max_rows_a_day = 10'000'000;
            Recorder recorder(options);
            for (;;) {
                const auto id = recorder.record(event(), Privacy::events);
                if (id % 64 == 0)
                    recorder.flush();
                if (id != 0 && ::write(ends[1], &id, sizeof id) != sizeof id)
                    ::_exit(1);
            }
        }
        ::close(ends[1]);
        // Every id that the child gave is read; after a number of them it is killed in the middle of its work.
        std::int64_t id = 0, first = 0, got = 0;
        const int until = 500 + round * 37;
        while (::read(ends[0], &id, sizeof id) == sizeof id) {
            if (first == 0)
                first = id;
            if (++got == until)
                ::kill(pid, SIGKILL);
        }
        ::close(ends[0]);
        int status = 0;
        BOOST_REQUIRE(::waitpid(pid, &status, 0) == pid);
        BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
        BOOST_TEST(first > highest);
        highest = std::max(highest, first + got - 1);

        SQLite::Database db(folder.database().string(), SQLite::OPEN_READWRITE);
        BOOST_TEST(db.execAndGet("PRAGMA integrity_check").getString() == "ok");
        const auto now = static_cast<std::size_t>(db.execAndGet("SELECT count(*) FROM events").getInt());
        BOOST_TEST(now >= stored + static_cast<std::size_t>(got / 64 * 64 - 64)); // the last flush may not have ended
        stored = now;
    }
    Recorder recorder(options_for(folder));
    BOOST_TEST((recorder.database().state == State::ok));
    BOOST_TEST(recorder.record(event(), Privacy::events) > highest);
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
    // Counts and rows are written together: they tell the same number.
    BOOST_TEST(recorder.stats({}).total.requests == stored + 1);
}

BOOST_AUTO_TEST_SUITE_END()
