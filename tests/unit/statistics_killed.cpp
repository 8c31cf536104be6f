#include "statistics_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;

BOOST_AUTO_TEST_SUITE(killed)

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
    BOOST_TEST((recorder.database().state == DatabaseState::State::ok));
    BOOST_TEST(recorder.record(event(), Privacy::events) > highest);
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
    // Counts and rows are written together: they tell the same number.
    BOOST_TEST(recorder.stats({}).total.requests == stored + 1);
}

BOOST_AUTO_TEST_SUITE_END()
