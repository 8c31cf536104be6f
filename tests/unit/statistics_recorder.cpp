#include "statistics_fixture.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <set>
#include <thread>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;

BOOST_AUTO_TEST_SUITE(recorder)

BOOST_AUTO_TEST_CASE(an_event_is_found_before_it_is_written_and_after)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    const auto id = recorder.record(event(), Privacy::full);
    BOOST_TEST(id == 1);
    for (int written = 0; written < 2; ++written) {
        const auto page = recorder.events({});
        BOOST_REQUIRE(page.items.size() == 1u);
        const auto& e = page.items[0];
        BOOST_TEST(e.id == id);
        BOOST_TEST(e.time_ms == noon);
        BOOST_TEST(e.device == "d3f1");
        BOOST_TEST(e.address == "192.168.1.20");
        BOOST_TEST(e.site == "shop.example");
        BOOST_TEST(e.page == "https://shop.example/cart");
        BOOST_TEST(e.destination == "www.facebook.com");
        BOOST_TEST((e.product == activity::Product::pixel));
        BOOST_TEST(e.account == "1472749159700779");
        BOOST_TEST(e.name == "Purchase");
        BOOST_TEST(e.value.value() == 59);
        BOOST_TEST(e.currency == "EUR");
        BOOST_REQUIRE(e.contents.size() == 1u);
        BOOST_TEST(e.contents[0].id == "4711");
        BOOST_TEST(e.contents[0].item_price.value() == 59);
        BOOST_TEST((e.custom == event().custom));
        BOOST_TEST(e.identifiers == event().identifiers);
        BOOST_TEST((e.device_facts == event().device_facts));
        BOOST_TEST(e.event_id);
        BOOST_TEST(!e.automatic);
        BOOST_TEST((e.verdict == rules::Action::answer));
        BOOST_TEST(e.rule == "meta/pixel-event");
        BOOST_TEST(e.seen_full);
        BOOST_TEST(!page.next);
        recorder.flush();
    }
    BOOST_TEST((recorder.database().state == DatabaseState::State::ok));
    BOOST_TEST(recorder.database().problem == "");
}

BOOST_AUTO_TEST_CASE(the_privacy_level_is_applied_before_anything_is_kept)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    BOOST_TEST(recorder.record(event(), Privacy::counters) == 0);
    BOOST_TEST(recorder.record(event(), Privacy::events) != 0);
    const auto page = recorder.events({});
    BOOST_REQUIRE(page.items.size() == 1u);
    BOOST_TEST(page.items[0].time_ms == noon - noon % 60'000);
    BOOST_TEST(page.items[0].page == "");
    BOOST_TEST(page.items[0].contents.empty());
    BOOST_TEST(page.items[0].custom.empty());
    BOOST_TEST(page.items[0].name == "Purchase");
    BOOST_TEST(recorder.stats({}).total.answer == 2u); // all levels count

    recorder.flush();
    const auto stored = read(folder.database()) + read(folder.database().string() + "-wal");
    BOOST_TEST(stored.find("shop.example") != std::string::npos);
    BOOST_TEST(stored.find("/cart") == std::string::npos);
    BOOST_TEST(stored.find("Shoes") == std::string::npos);
    BOOST_TEST(stored.find("4711") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(statistics_survive_a_clean_stop_in_the_middle_of_an_hour)
{
    const DatabaseFolder folder;
    std::int64_t last = 0;
    {
        Recorder recorder(options_for(folder));
        recorder.record(event(), Privacy::events);
        last = recorder.record(event("news.example"), Privacy::events);
        recorder.count("d3f1", rules::Action::block, "easyprivacy/77");
        recorder.count_unjudged();
    }
    Recorder recorder(options_for(folder));
    BOOST_TEST(stored_events(recorder) == 2u);
    const auto stats = recorder.stats({.from_ms = {}, .to_ms = {}, .by = By::verdict});
    BOOST_TEST(stats.total.requests == 4u);
    BOOST_TEST(stats.total.answer == 2u);
    BOOST_TEST(stats.total.block == 1u);
    BOOST_TEST(recorder.hits("easyprivacy/77") == 1u);
    BOOST_TEST(recorder.hits("meta/pixel-event") == 2u);
    BOOST_TEST(recorder.record(event(), Privacy::events) == last + 1); // no gap after a clean stop
}

BOOST_AUTO_TEST_CASE(pages_of_events_go_on_where_the_last_one_ended)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    for (int i = 0; i < 250; ++i) {
        recorder.record(event(i % 2 == 0 ? "shop.example" : "news.example"), Privacy::events);
        if (i == 120)
            recorder.flush(); // a part is stored, a part is pending
    }
    EventQuery query;
    query.site = "shop.example";
    query.limit = 50;
    std::vector<std::int64_t> ids;
    for (int pages = 0; pages < 3; ++pages) {
        const auto page = recorder.events(query);
        for (const auto& e : page.items)
            ids.push_back(e.id);
        BOOST_TEST(page.next.has_value() == (pages < 2));
        query.before = page.next;
    }
    BOOST_TEST(ids.size() == 125u);
    BOOST_TEST(std::is_sorted(ids.rbegin(), ids.rend()));
    BOOST_TEST(std::set<std::int64_t>(ids.begin(), ids.end()).size() == 125u);
}

BOOST_AUTO_TEST_CASE(a_query_asks_for_each_field)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    recorder.record(event(), Privacy::events);
    auto tunnel = event("", "beef");
    tunnel.destination = "connect.facebook.net";
    tunnel.product = activity::Product::loader;
    tunnel.verdict = rules::Action::block;
    tunnel.rule = "meta/connect-host";
    tunnel.name.clear();
    tunnel.time_ms += 3 * 3'600'000;
    recorder.record(tunnel, Privacy::events);

    const auto found = [&](const auto& set) {
        EventQuery query;
        set(query);
        const auto pending = recorder.events(query).items.size();
        return pending;
    };
    for (int written = 0; written < 2; ++written) {
        BOOST_TEST(found([](auto& q) { q.device = "beef"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.device = "bee"; }) == 0u);
        BOOST_TEST(found([](auto& q) { q.site = "shop.example"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.site = "WWW.Shop.Example"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.site = "example"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.site = "op.example"; }) == 0u);
        BOOST_TEST(found([](auto& q) { q.site = "connect.facebook.net"; }) == 1u); // no site: the destination
        BOOST_TEST(found([](auto& q) { q.site = "facebook.net"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.site = "www.facebook.com"; }) == 0u); // the site is known there
        BOOST_TEST(found([](auto& q) { q.product = activity::Product::loader; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.verdict = rules::Action::block; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.from_ms = noon + 60'000; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.to_ms = noon + 60'000; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.text = "PURCH"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.text = "connect-"; }) == 1u);
        BOOST_TEST(found([](auto& q) { q.text = "facebook"; }) == 2u);
        BOOST_TEST(found([](auto& q) { q.text = "nothing"; }) == 0u);
        recorder.flush();
    }
}

BOOST_AUTO_TEST_CASE(counts_are_told_by_every_dimension)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    Recorder recorder(options);
    recorder.record(event(), Privacy::events);
    recorder.count("d3f1", rules::Action::allow, "");
    recorder.flush();
    now += 3'600'000;
    recorder.count("beef", rules::Action::block, "ads/12");
    auto later = event("news.example", "beef");
    later.time_ms = now;
    recorder.record(later, Privacy::events);

    const auto keys = [&](By by) {
        std::string text;
        for (const auto& row : recorder.stats({.from_ms = {}, .to_ms = {}, .by = by}).rows)
            text += (text.empty() ? "" : " ") + row.key + "=" + std::to_string(row.counts.requests);
        return text;
    };
    for (int written = 0; written < 2; ++written) {
        BOOST_TEST(keys(By::hour) == "2026-11-24T09:00:00Z=2 2026-11-24T10:00:00Z=2");
        BOOST_TEST(keys(By::day) == "2026-11-24=4");
        BOOST_TEST(keys(By::device) == "beef=2 d3f1=2");
        BOOST_TEST(keys(By::site) == "news.example=1 shop.example=1");
        BOOST_TEST(keys(By::product) == "pixel=2");
        BOOST_TEST(keys(By::verdict) == "answer=2 allow=1 block=1");
        BOOST_TEST(keys(By::rule) == "meta/pixel-event=2 ads/12=1");
        recorder.flush();
    }
    const auto first = recorder.stats({.from_ms = noon, .to_ms = noon + 1, .by = By::day}); // hours are counted whole
    BOOST_TEST(first.total.requests == 2u);
    BOOST_TEST(first.from_ms == noon - noon % 3'600'000);
    BOOST_TEST(first.to_ms == first.from_ms + 3'600'000);
}

BOOST_AUTO_TEST_CASE(listeners_hear_what_is_kept_until_they_leave)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    std::vector<activity::Event> heard;
    {
        const auto handle = recorder.listen([&](const activity::Event& e) { heard.push_back(e); });
        recorder.record(event(), Privacy::events);
        recorder.record(event(), Privacy::counters);
    }
    recorder.record(event(), Privacy::events);
    BOOST_REQUIRE(heard.size() == 1u);
    BOOST_TEST(heard[0].id == 1);
    BOOST_TEST(heard[0].page == "");
}

BOOST_AUTO_TEST_CASE(a_listener_may_outlive_the_recorder)
{
    const DatabaseFolder folder;
    std::shared_ptr<void> handle;
    {
        Recorder recorder(options_for(folder));
        handle = recorder.listen([](const activity::Event&) {});
    }
    handle.reset();
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

    now += 24 * 3'600'000;
    auto tomorrow = event();
    tomorrow.time_ms = now;
    BOOST_TEST(recorder.record(tomorrow, Privacy::events) != 0);
}

BOOST_AUTO_TEST_CASE(ids_grow_though_the_clock_goes_back)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    std::atomic<std::int64_t> now = noon;
    options.now_ms = [&] { return now.load(); };
    std::int64_t last = 0;
    for (int start = 0; start < 4; ++start) {
        Recorder recorder(options);
        for (int i = 0; i < 3; ++i) {
            auto e = event();
            e.time_ms = now;
            const auto id = recorder.record(e, Privacy::events);
            BOOST_TEST(id > last);
            last = id;
            now -= 3'600'000 * 24;
        }
    }
    Recorder recorder(options);
    BOOST_TEST(stored_events(recorder) == 12u);
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
