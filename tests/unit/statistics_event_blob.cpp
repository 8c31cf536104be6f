#include "statistics_fixture.hpp"

#include "proxy/statistics/event_blob.hpp"
#include "proxy/statistics/privacy.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>

using namespace paravent;
using namespace paravent::statistics;
using activity::Event;

namespace {

std::string bytes_of_event(const Event& e)
{
    std::string bytes(most_bytes(e), '\0');
    const auto size = encode(e, bytes.data()) - bytes.data();
    BOOST_REQUIRE(static_cast<std::size_t>(size) <= bytes.size());
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

bool same(const Event& a, const Event& b)
{
    const auto tie = [](const Event& e) {
        return std::tie(e.id, e.time_ms, e.device, e.address, e.site, e.page, e.destination, e.product, e.account,
                        e.name, e.automatic, e.value, e.currency, e.custom, e.identifiers, e.device_facts, e.event_id,
                        e.limited_data_use, e.verdict, e.rule, e.seen_full, e.body_cut, e.mine);
    };
    return tie(a) == tie(b) &&
           std::equal(a.contents.begin(), a.contents.end(), b.contents.begin(), b.contents.end(),
                      [](const auto& x, const auto& y) {
                          return std::tie(x.id, x.quantity, x.item_price) == std::tie(y.id, y.quantity, y.item_price);
                      });
}

/// An event in which each part is there or not, by chance.
Event any_event(std::mt19937& random)
{
    const auto some = [&] { return random() % 2 == 0; };
    const auto text = [&] { return some() ? std::string(random() % 200, 'x') + "\xC3\xA9z" : std::string{}; };
    Event e;
    e.id = static_cast<std::int64_t>(random());
    e.time_ms = noon + static_cast<std::int64_t>(random());
    for (auto* t : {&e.device, &e.address, &e.site, &e.page, &e.destination, &e.account, &e.name, &e.currency, &e.rule})
        *t = text();
    e.product = static_cast<activity::Product>(random() % activity::product_count);
    e.verdict = static_cast<rules::Action>(random() % 4);
    for (auto* flag : {&e.automatic, &e.event_id, &e.limited_data_use, &e.seen_full, &e.body_cut})
        *flag = some();
    if (some())
        e.value = some() ? 59.9 : -1e300;
    for (auto* list : {&e.identifiers, &e.mine})
        list->assign(random() % 3, "em");
    for (auto* list : {&e.custom, &e.device_facts})
        list->assign(random() % 3, {"key", "value z"});
    for (auto n = random() % 3; n > 0; --n)
        e.contents.push_back(
            {text(), some() ? std::optional{2.0} : std::nullopt, some() ? std::optional{0.1} : std::nullopt});
    bound(e);
    return e;
}

} // namespace

BOOST_AUTO_TEST_SUITE(event_blob)

BOOST_AUTO_TEST_CASE(an_event_reads_back_as_it_was_whatever_it_has)
{
    std::mt19937 random(5);
    for (int i = 0; i < 5000; ++i) {
        const auto e = any_event(random);
        const auto bytes = bytes_of_event(e);
        const auto back = event_of({e.id, e.time_ms, bytes});
        BOOST_REQUIRE(back.has_value());
        BOOST_REQUIRE(same(*back, e));
        const auto facts = facts_of(EventBlob{e.id, e.time_ms, bytes});
        BOOST_REQUIRE(facts.has_value());
        const auto expected = facts_of(e);
        BOOST_TEST((facts->device == expected.device && facts->site == expected.site && facts->name == expected.name &&
                    facts->destination == expected.destination && facts->rule == expected.rule &&
                    facts->product == expected.product && facts->verdict == expected.verdict &&
                    facts->time_ms == expected.time_ms));
    }
}

BOOST_AUTO_TEST_CASE(an_event_that_is_cut_short_is_none)
{
    const auto bytes = bytes_of_event(event());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        BOOST_TEST(!event_of({1, noon, std::string_view{bytes}.substr(0, size)}));
    BOOST_TEST(!event_of({1, noon, bytes + "x"}));
}

BOOST_AUTO_TEST_CASE(damaged_bytes_give_no_event_or_one_within_all_bounds)
{
    std::mt19937 random(6);
    unsigned events = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = bytes_of_event(any_event(random));
        for (auto n = 1 + random() % 4; n > 0; --n)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        (void)facts_of(EventBlob{1, noon, bytes});
        const auto e = event_of({1, noon, bytes});
        if (!e)
            continue;
        ++events;
        BOOST_TEST(static_cast<std::size_t>(e->product) < activity::product_count);
        BOOST_TEST((e->verdict <= rules::Action::answer));
        BOOST_TEST((!e->value || std::isfinite(*e->value)));
        BOOST_TEST(most_bytes(*e) < 64u * 1024);
        BOOST_TEST(same(*event_of({1, noon, bytes_of_event(*e)}), *e)); // the texts are clean: nothing more to take out
    }
    BOOST_TEST(events > 100u);
}

BOOST_AUTO_TEST_CASE(a_tunnel_takes_less_than_a_hundred_bytes)
{
    Event e;
    e.time_ms = noon;
    e.device = "d3f1";
    e.address = "192.168.1.20";
    e.destination = "connect.facebook.net";
    e.product = activity::Product::loader;
    e.verdict = rules::Action::block;
    e.rule = "meta/loader-host";
    BOOST_TEST(bytes_of_event(e).size() < 100u);
}

BOOST_AUTO_TEST_SUITE_END()
