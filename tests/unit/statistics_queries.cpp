#include "statistics_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <set>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;

BOOST_AUTO_TEST_SUITE(queries)

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

BOOST_AUTO_TEST_SUITE_END()
