#include "statistics_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <atomic>
#include <random>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;
namespace fs = std::filesystem;

namespace {

/// Everything that lies in the folder, as bytes.
std::string everything_in(const DatabaseFolder& folder)
{
    std::string all;
    for (const auto& file : folder.files())
        all += read(folder.path / file);
    return all;
}

constexpr std::int64_t day_ms = 24 * 3'600'000;

} // namespace

BOOST_AUTO_TEST_SUITE(forgetting)

BOOST_AUTO_TEST_CASE(a_forgotten_site_is_gone_from_memory_file_free_pages_and_log)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.max_rows_a_day = 1'000'000;
    Recorder recorder(options);
    std::mt19937 random(7);
    unsigned secret = 0;
    for (int i = 0; i < 6000; ++i) {
        const bool is = random() % 3 == 0;
        secret += is ? 1 : 0;
        recorder.record(event(is ? "secret.example" : "shop" + std::to_string(random() % 50) + ".example"),
                        Privacy::full);
        if (i % 500 == 250)
            recorder.flush();
    }
    BOOST_TEST(everything_in(folder).find("secret.example") != std::string::npos);
    BOOST_TEST(recorder.forget("", "SECRET.example") == secret);
    BOOST_TEST(everything_in(folder).find("secret") == std::string::npos);
    BOOST_TEST(stored_events(recorder) == 6000u - secret);
    for (const auto& row : recorder.stats({.from_ms = {}, .to_ms = {}, .by = By::site}).rows)
        BOOST_TEST(row.key != "secret.example");
    BOOST_TEST(recorder.stats({}).total.requests == 6000u); // that there were so many tells nothing about anyone
    recorder.flush();
    BOOST_TEST(everything_in(folder).find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_forgotten_device_is_gone_also_from_what_retention_had_deleted)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    Recorder recorder(options);
    for (int i = 0; i < 2000; ++i)
        recorder.record(event("shop.example", i % 2 == 0 ? "deadbeef" : "d3f1"), Privacy::events);
    recorder.flush();
    now += 31 * day_ms;
    auto later = event("shop.example", "deadbeef");
    later.time_ms = now;
    recorder.record(later, Privacy::events);
    recorder.flush();
    BOOST_TEST(stored_events(recorder) == 1u);
    BOOST_TEST(recorder.forget("deadbeef", "") == 1u);
    BOOST_TEST(everything_in(folder).find("deadbeef") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(everything_is_forgotten_with_the_broken_databases_but_ids_go_on)
{
    const DatabaseFolder folder;
    std::ofstream(folder.database()) << "the remains of secret.example";
    Recorder recorder(options_for(folder));
    recorder.record(event("secret.example"), Privacy::events);
    recorder.flush();
    const auto last = recorder.record(event("secret.example"), Privacy::events);
    BOOST_TEST(recorder.forget("", "") == 2u);
    BOOST_TEST(everything_in(folder).find("secret") == std::string::npos);
    BOOST_TEST(recorder.stats({}).total.requests == 0u);
    BOOST_TEST(recorder.hits("meta/pixel-event") == 0u);
    BOOST_TEST(recorder.record(event(), Privacy::events) == last + 1);
}

BOOST_AUTO_TEST_CASE(device_and_site_together_name_the_events_of_both)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    for (const auto* device : {"d3f1", "beef"})
        for (const auto* site : {"shop.example", "news.example"})
            recorder.record(event(site, device), Privacy::events);
    recorder.flush();
    recorder.record(event("shop.example", "beef"), Privacy::events);
    BOOST_TEST(recorder.forget("beef", "shop.example") == 2u);
    BOOST_TEST(stored_events(recorder) == 3u);
}

BOOST_AUTO_TEST_CASE(a_broken_database_is_forgotten_whole)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    for (int i = 0; i < 500; ++i)
        recorder.record(event("secret.example"), Privacy::events);
    recorder.flush();
    recorder.record(event("secret.example"), Privacy::events);
    SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE)
        .exec("PRAGMA wal_checkpoint(TRUNCATE); DROP TABLE counts");
    recorder.forget("", "secret.example");
    BOOST_TEST(everything_in(folder).find("secret") == std::string::npos);
    BOOST_TEST(recorder.record(event(), Privacy::events) > 501);
}

BOOST_AUTO_TEST_CASE(what_is_older_than_the_retention_goes_and_hits_stay)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.retention = std::chrono::days{2};
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    Recorder recorder(options);
    for (int day = 0; day < 6; ++day) {
        now = noon + day * day_ms; // and stays there: the writer may see to retention of its own accord
        for (int i = 0; i < 5; ++i) {
            auto e = event();
            e.time_ms = now;
            recorder.record(e, Privacy::events);
        }
        recorder.flush();
    }
    BOOST_TEST(stored_events(recorder) <= 15u);
    BOOST_TEST(stored_events(recorder) >= 10u);
    BOOST_TEST(recorder.stats({.from_ms = {}, .to_ms = {}, .by = By::day}).rows.size() <= 3u);
    BOOST_TEST(recorder.hits("meta/pixel-event") == 30u);
}

BOOST_AUTO_TEST_CASE(hits_count_since_the_database_began_also_after_a_restart)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.retention = std::chrono::days{2};
    std::int64_t now = noon;
    for (int day = 0; day < 6; ++day, now += day_ms) {
        options.now_ms = [now] { return now; };
        Recorder recorder(options);
        auto e = event();
        e.time_ms = now;
        recorder.record(e, Privacy::events);
    }
    Recorder recorder(options);
    BOOST_TEST(recorder.hits("meta/pixel-event") == 6u);
    BOOST_TEST(stored_events(recorder) < 5u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_not_set_does_not_make_events_old)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.retention = std::chrono::days{2};
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    Recorder recorder(options);
    const auto record = [&] {
        auto e = event();
        e.time_ms = now;
        recorder.record(e, Privacy::events);
        recorder.flush();
    };
    record();
    now = 3'600'000; // 1970, after a power cut
    record();
    now = noon + 3'600'000;
    record();
    now = noon + 2 * 3'600'000;
    record();
    BOOST_TEST(stored_events(recorder) == 4u);
}

BOOST_AUTO_TEST_CASE(the_oldest_rows_go_first_where_the_size_is_capped)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.max_rows_a_day = 1'000'000;
    options.max_bytes = 2u << 20;
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    Recorder recorder(options);
    std::int64_t last = 0;
    for (int hour = 0; hour < 12; ++hour, now += 3'600'000) {
        for (int i = 0; i < 4000; ++i) {
            auto e = event();
            e.time_ms = now;
            last = recorder.record(e, Privacy::events);
        }
        recorder.flush();
    }
    BOOST_TEST(last == 48'000);
    const auto stored = stored_events(recorder);
    BOOST_TEST(stored > 4000u);
    BOOST_TEST(stored < 25'000u);
    BOOST_TEST(recorder.events({}).items[0].id == last);
    BOOST_TEST(fs::file_size(folder.database()) < (4u << 20));
}

BOOST_AUTO_TEST_CASE(a_smaller_cap_makes_the_file_smaller)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.max_rows_a_day = 1'000'000;
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    Recorder recorder(options);
    for (int i = 0; i < 20'000; ++i) {
        recorder.record(event(), Privacy::events);
        if (i % 4000 == 0)
            recorder.flush();
    }
    recorder.flush();
    options.max_bytes = 1u << 20;
    recorder.configure(options);
    now += 3'600'000;
    recorder.flush();
    BOOST_TEST(recorder.database().bytes < (2u << 20));
    BOOST_TEST(stored_events(recorder) > 1000u);
}

BOOST_AUTO_TEST_CASE(hours_that_are_over_take_one_row_each)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    {
        Recorder recorder(options);
        for (int i = 0; i < 30; ++i, now += 600'000) {
            recorder.count("d3f1", rules::Action::allow, "");
            recorder.flush();
        }
        BOOST_TEST(recorder.stats({}).total.requests == 30u);
        BOOST_TEST(recorder.stats({.from_ms = {}, .to_ms = {}, .by = By::hour}).rows.size() == 6u);
    }
    SQLite::Database db(folder.database().string());
    BOOST_TEST(db.execAndGet("SELECT count(*) FROM counts").getInt() < 12);
    BOOST_TEST(db.execAndGet("SELECT count(DISTINCT hour) FROM counts").getInt() == 6);
}

BOOST_AUTO_TEST_CASE(a_copy_is_whole_and_private)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    for (int i = 0; i < 100; ++i)
        recorder.record(event(), Privacy::events);
    const auto copy = folder.path / "copy.db";
    recorder.copy_to(copy);
    recorder.record(event(), Privacy::events);
    recorder.copy_to(copy); // a second one takes its place
    BOOST_TEST(((fs::status(copy).permissions() & fs::perms::mask) == fs::perms(0600)));
    BOOST_CHECK_THROW(recorder.copy_to(folder.path / "missing" / "copy.db"), std::runtime_error);
    BOOST_TEST(folder.files("copy").size() == 1u);

    auto options = options_for(folder);
    options.database = copy;
    Recorder other(options);
    BOOST_TEST(stored_events(other) == 101u);
}

BOOST_AUTO_TEST_SUITE_END()
