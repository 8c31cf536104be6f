#include "statistics_afterwards.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>

#include <sys/stat.h>

#include <fstream>
#include <random>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;
namespace fs = std::filesystem;
using State = DatabaseState::State;

namespace {

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

void delete_log(const DatabaseFolder& folder)
{
    for (const char* const part : {"-wal", "-shm"})
        BOOST_TEST(fs::remove(folder.database().string() + part));
}

/// `deletion` comes after one event was flushed; so many events are left with the one that is recorded after it.
template <typename Deletion>
void keeps_what_comes_after(Deletion deletion, std::size_t left)
{
    const DatabaseFolder folder;
    {
        Recorder recorder(options_for(folder));
        recorder.record(event(), Privacy::events);
        recorder.flush();
        deletion(folder, recorder);
        records_and_counts(recorder);
        BOOST_TEST((recorder.database().state == State::ok));
    }
    BOOST_TEST(fs::exists(folder.database()));
    Recorder again(options_for(folder));
    BOOST_REQUIRE(stored_events(again) == left);
    BOOST_TEST(again.events({}).items[0].site == "afterwards.example");
}

} // namespace

BOOST_AUTO_TEST_SUITE(damage)

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
    keeps_what_comes_after(
        [](const DatabaseFolder& folder, Recorder&) {
            for (const auto& file : folder.files())
                fs::remove(folder.path / file);
        },
        1);
}

BOOST_AUTO_TEST_CASE(R2_a_log_deleted_while_it_is_used_takes_nothing_with_it)
{
    keeps_what_comes_after([](const DatabaseFolder& folder, Recorder&) { delete_log(folder); }, 2);
}

/// Who deletes file after file is met half-way by a writing, which begins the database anew.
BOOST_AUTO_TEST_CASE(R2_a_database_begun_anew_while_it_is_being_deleted_keeps_what_comes)
{
    keeps_what_comes_after(
        [](const DatabaseFolder& folder, Recorder& recorder) {
            fs::remove(folder.database());
            recorder.flush();
            delete_log(folder);
        },
        1);
}

/// SQLite has the log beside what the link leads to.
BOOST_AUTO_TEST_CASE(a_link_is_as_good_as_the_database_it_leads_to)
{
    const DatabaseFolder folder;
    const DatabaseFolder elsewhere;
    fs::create_symlink(elsewhere.database(), folder.database());
    std::int64_t last = 0;
    {
        Recorder recorder(options_for(folder));
        for (int i = 0; i < 3; ++i) {
            last = recorder.record(event(), Privacy::events);
            recorder.flush();
        }
        BOOST_TEST((recorder.database().state == State::ok));
    }
    Recorder again(options_for(folder));
    BOOST_TEST(stored_events(again) == 3u);
    BOOST_TEST(again.record(event(), Privacy::events) == last + 1); // what was spoken for was given back at the end
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

BOOST_AUTO_TEST_CASE(a_newer_format_is_left_untouched)
{
    const DatabaseFolder folder;
    fill(folder, 10);
    SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
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

BOOST_AUTO_TEST_SUITE_END()
