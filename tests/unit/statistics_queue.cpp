#include "statistics_fixture.hpp"

#include "proxy/statistics/pending.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <set>
#include <thread>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;

namespace {

activity::Event numbered(std::int64_t id, const std::string& site = "shop.example")
{
    auto e = event(site);
    e.id = id;
    return e;
}

std::vector<std::int64_t> ids_of(const Pending& pending)
{
    std::vector<std::int64_t> ids;
    pending.each([&](const EventBlob& blob) {
        ids.push_back(blob.id);
        return true;
    });
    return ids;
}

} // namespace

BOOST_AUTO_TEST_SUITE(queue)

BOOST_AUTO_TEST_CASE(what_waits_is_found_newest_first_while_the_oldest_part_is_written_and_after_it_could_not_be)
{
    Pending pending;
    std::vector<std::int64_t> expected;
    for (std::int64_t id = 1; id <= 1000; ++id) { // several chunks in each part
        pending.push(numbered(id));
        expected.insert(expected.begin(), id);
        if (id == 600)
            pending.begin_writing();
    }
    BOOST_TEST(ids_of(pending) == expected);
    std::int64_t next = 1;
    pending.each_being_written([&](const EventBlob& blob) { BOOST_TEST(blob.id == next++); });
    BOOST_TEST(next == 601);
    pending.put_back();
    BOOST_TEST(ids_of(pending) == expected);

    pending.begin_writing();
    pending.push(numbered(1001));
    (void)pending.written();
    BOOST_TEST(ids_of(pending) == std::vector<std::int64_t>{1001});
    BOOST_TEST(pending.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_leaves_its_place_to_others)
{
    Pending pending;
    for (std::int64_t id = 1; id <= 2000; ++id)
        pending.push(numbered(id, id % 4 == 0 ? "kept.example" : "secret.example"));
    const auto is_secret = [](const EventBlob& blob) { return facts_of(blob)->site == "secret.example"; };
    BOOST_TEST(pending.erase(is_secret) == 1500u);
    BOOST_TEST(pending.size() == 500u);
    const auto ids = ids_of(pending);
    BOOST_REQUIRE(ids.size() == 500u);
    BOOST_TEST(ids.front() == 2000);
    BOOST_TEST(ids.back() == 4);
    pending.number_from(7);
    BOOST_TEST(ids_of(pending).front() == 506);
    BOOST_TEST(pending.erase([](const EventBlob&) { return true; }) == 500u);
    BOOST_TEST(pending.size() == 0u);
}

BOOST_AUTO_TEST_CASE(the_queue_is_full_by_number_and_by_bytes)
{
    Pending many;
    std::int64_t id = 0;
    while (!many.full())
        many.push(numbered(++id));
    BOOST_TEST(many.size() == Pending::max_events);

    auto e = event();
    e.custom.assign(64, {std::string(64, 'k'), std::string(256, 'v')});
    Pending large;
    while (!large.full())
        large.push(e);
    BOOST_TEST(large.size() < Pending::max_bytes / (64 * 320) + 1);
    BOOST_TEST(large.size() > Pending::max_bytes / (64 * 400));
    (void)large.erase([](const EventBlob&) { return true; });
    BOOST_TEST(!large.full()); // what went is not counted any more
}

BOOST_AUTO_TEST_CASE(rows_beyond_a_days_bound_are_counted_not_kept)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.max_rows_a_day = 10;
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    {
        Recorder recorder(options);
        for (int i = 0; i < 8; ++i)
            BOOST_TEST(recorder.record(event(), Privacy::events) != 0);
    }
    Recorder recorder(options); // a restart does not begin the day anew
    recorder.flush();
    for (int i = 0; i < 8; ++i)
        BOOST_TEST((recorder.record(event(), Privacy::events) != 0) == (i < 2));
    BOOST_TEST(stored_events(recorder) == 10u);
    BOOST_TEST(recorder.stats({}).total.requests == 16u);
    BOOST_TEST(!recorder.keeps(noon, Privacy::events));
    BOOST_TEST(recorder.keeps(noon + 24 * 3'600'000, Privacy::events));
    BOOST_TEST(!recorder.keeps(noon + 24 * 3'600'000, Privacy::counters));

    now += 24 * 3'600'000;
    auto tomorrow = event();
    tomorrow.time_ms = now;
    BOOST_TEST(recorder.record(tomorrow, Privacy::events) != 0);
}

BOOST_AUTO_TEST_CASE(a_flush_interval_of_zero_writes_at_once)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.flush = config::Duration{0};
    Recorder recorder(options);
    recorder.record(event("at-once.example"), Privacy::events);
    BOOST_TEST(eventually([&] {
        return (read(folder.database()) + read(folder.database().string() + "-wal")).find("at-once.example") !=
               std::string::npos;
    }));
}

BOOST_AUTO_TEST_CASE(a_full_queue_is_written_early_and_what_finds_no_place_is_dropped_and_counted)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.max_rows_a_day = 1'000'000;
    {
        Recorder recorder(options);
        const auto written = [&] { return read(folder.database().string() + "-wal").size() > 500'000; };
        for (int i = 0; i < 16'000 && !written(); ++i)
            recorder.record(event(), Privacy::events);
        BOOST_TEST(eventually(written));
    }
    options.database = "/proc/paravent/statistics.db"; // nothing can ever be written there
    Recorder recorder(options);
    constexpr unsigned sent = 40'000;
    for (unsigned i = 0; i < sent; ++i)
        recorder.record(event(), Privacy::events);
    const auto database = recorder.database();
    BOOST_TEST(database.dropped >= sent - 16'384u);
    BOOST_TEST(database.dropped < sent);
    BOOST_TEST((database.state == DatabaseState::State::off));
    BOOST_TEST(recorder.stats({}).total.requests == sent);
    BOOST_TEST(stored_events(recorder) == sent - database.dropped);
}

BOOST_AUTO_TEST_CASE(many_threads_record_and_ask_at_once)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.flush = config::Duration{0};
    constexpr unsigned each = 1500;
    Recorder recorder(options);
    std::atomic<bool> asking = true;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            for (unsigned i = 0; i < each; ++i) {
                recorder.record(event("site" + std::to_string(t) + ".example"), Privacy::events);
                recorder.count("d3f1", rules::Action::allow, "");
            }
        });
    // Whatever moment a question meets, each event is there once and the sums fit.
    std::thread asker([&] {
        std::uint64_t before = 0;
        while (asking) {
            EventQuery query;
            query.limit = 1000;
            const auto page = recorder.events(query);
            std::set<std::int64_t> ids;
            for (const auto& e : page.items)
                ids.insert(e.id);
            BOOST_REQUIRE(ids.size() == page.items.size());
            if (!ids.empty())
                BOOST_REQUIRE(*ids.rbegin() - *ids.begin() + 1 == static_cast<std::int64_t>(ids.size()));
            const auto total = recorder.stats({}).total.requests;
            BOOST_REQUIRE(total >= before);
            before = total;
        }
    });
    for (auto& thread : threads)
        thread.join();
    asking = false;
    asker.join();
    BOOST_TEST(recorder.stats({}).total.requests == 3 * 2 * each);
    BOOST_TEST(stored_events(recorder) == 3 * each);
    BOOST_TEST(recorder.hits("meta/pixel-event") == 3 * each);
}

BOOST_AUTO_TEST_SUITE_END()
