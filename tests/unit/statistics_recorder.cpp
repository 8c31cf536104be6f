#include "statistics_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>

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

BOOST_AUTO_TEST_CASE(an_event_that_is_sent_twice_at_once_is_seen_once_and_counted_twice)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    const auto record = [&](std::uint64_t twin, std::string_view device = "d3f1", std::int64_t later_ms = 0,
                            rules::Action verdict = rules::Action::answer) {
        auto e = event();
        e.twin = twin;
        e.verdict = verdict;
        e.device = device;
        e.time_ms += later_ms;
        return recorder.record(std::move(e), Privacy::full) != 0;
    };
    BOOST_TEST(record(8));
    BOOST_TEST(!record(9));
    BOOST_TEST(record(9)); // another pair
    BOOST_TEST(!record(8));
    BOOST_TEST(record(8));
    BOOST_TEST(record(8)); // no copy: the page said it twice
    BOOST_TEST(record(9, "other"));
    BOOST_TEST(record(20));
    BOOST_TEST(record(21, "d3f1", 100'000)); // too late
    BOOST_TEST(record(30));
    BOOST_TEST(record(31, "d3f1", 0, rules::Action::allow)); // one was stopped, one went out
    BOOST_TEST(recorder.events({}).items.size() == 9u);
    BOOST_TEST(recorder.stats({}).total.requests == 11u);
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

BOOST_AUTO_TEST_SUITE_END()
