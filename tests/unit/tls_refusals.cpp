#include "proxy/tls/bypass.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::tls;
using Way = BypassMemory::Way;

namespace {

constexpr Millis second = 1000, minute = 60 * second, hour = 60 * minute;
constexpr Millis start = Millis{1'800'000'000} * second;
constexpr auto app = "graph.facebook.com";

/// A refusal of a connection that began after all that happened before.
std::optional<Bypass> refuse(BypassMemory& memory, Millis at, Refusal how = Refusal::unknown_ca,
                             std::string_view device = "d1", std::string_view host = app)
{
    return memory.refused(device, host, how, memory.moment(), at);
}

} // namespace

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(a_pinned_app_is_tunnelled_for_its_device_and_host_alone)
{
    for (const auto how :
         {Refusal::unknown_ca, Refusal::bad_certificate, Refusal::certificate_unknown, Refusal::closed}) {
        BypassMemory memory;
        BOOST_TEST(!refuse(memory, start, how));
        BOOST_TEST((memory.way("d1", app, false, start) == Way::intercept));
        const auto bypass = refuse(memory, start + 4 * minute, how);
        BOOST_REQUIRE(bypass.has_value());
        BOOST_TEST((bypass->reason == how));
        BOOST_TEST(bypass->until_ms == start + 4 * minute + 24 * hour);
        const auto later = start + 10 * minute;
        BOOST_TEST((memory.way("d1", app, false, later) == Way::tunnel));
        BOOST_TEST((memory.way("d2", app, false, later) == Way::intercept));
        BOOST_TEST((memory.way("d1", "www.facebook.com", false, later) == Way::intercept));
        BOOST_TEST((memory.way("d1", app, false, bypass->until_ms - 1) == Way::tunnel));
        BOOST_TEST((memory.way("d1", app, false, bypass->until_ms) == Way::intercept)); // and is tried anew
    }
}

BOOST_AUTO_TEST_CASE(refusals_far_apart_are_no_pair)
{
    BypassMemory memory;
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(!refuse(memory, start + i * (5 * minute + 1)));
    BOOST_TEST(refuse(memory, start + 9 * (5 * minute + 1) + minute).has_value());
}

BOOST_AUTO_TEST_CASE(connections_on_their_way_together_count_once)
{
    BypassMemory memory;
    const std::uint64_t began[] = {memory.moment(), memory.moment(), memory.moment()};
    for (const auto moment : began) // all in the same millisecond, which tells no order
        BOOST_TEST(!memory.refused("d1", app, Refusal::unknown_ca, moment, start));
    BOOST_TEST(memory.refused("d1", app, Refusal::unknown_ca, memory.moment(), start).has_value()); // tried again
}

BOOST_AUTO_TEST_CASE(two_workers_may_read_the_clock_in_another_order_than_they_come)
{
    BypassMemory memory;
    BOOST_TEST(!refuse(memory, start + 1));
    BOOST_TEST(refuse(memory, start).has_value());
}

BOOST_AUTO_TEST_CASE(a_lone_failure_of_a_host_that_succeeded_is_none)
{
    BypassMemory memory;
    memory.succeeded("d1", app, start);
    BOOST_TEST(!refuse(memory, start + second));
    memory.succeeded("d1", app, start + 2 * second);
    BOOST_TEST(!refuse(memory, start + 3 * second));
    BOOST_TEST((memory.way("d1", app, false, start + 4 * second) == Way::intercept));
    // Another device's success says nothing about this one.
    memory.succeeded("d2", app, start + 4 * second);
    BOOST_TEST(refuse(memory, start + 5 * second).has_value());
}

BOOST_AUTO_TEST_CASE(who_asks_for_nothing_is_judged_more_slowly)
{
    BypassMemory memory;
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(!refuse(memory, start + i * minute, Refusal::closed_later));
    const auto bypass = refuse(memory, start + 4 * minute, Refusal::closed_later);
    BOOST_REQUIRE(bypass.has_value());
    BOOST_TEST(name_of(bypass->reason) == "closed");

    BypassMemory browser; // one whose pages do load opens connections ahead, and closes them
    browser.succeeded("d1", app, start);
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(!refuse(browser, start + i * second, Refusal::closed_later));
}

BOOST_AUTO_TEST_CASE(a_host_of_trackers_alone_is_blocked_and_never_tunnelled)
{
    BypassMemory memory;
    refuse(memory, start);
    BOOST_TEST((memory.way("d1", app, true, start) == Way::intercept));
    refuse(memory, start + second);
    BOOST_TEST((memory.way("d1", app, true, start + minute) == Way::block));
    BOOST_TEST((memory.way("d1", app, false, start + minute) == Way::tunnel)); // as the rules are now
}

BOOST_AUTO_TEST_CASE(a_bypass_can_be_seen_and_undone)
{
    BypassMemory memory;
    refuse(memory, start);
    const auto first = refuse(memory, start + second);
    refuse(memory, start + minute, Refusal::closed, "d2");
    const auto second_one = refuse(memory, start + 2 * minute, Refusal::closed, "d2");
    const auto seen = memory.bypasses(start + 3 * minute);
    BOOST_REQUIRE(seen.size() == 2U);
    BOOST_TEST(seen[0].device == "d2"); // the newest first
    BOOST_TEST(seen[0].id == second_one->id);
    BOOST_TEST(seen[1].host == app);
    BOOST_TEST(memory.remove(first->id));
    BOOST_TEST(!memory.remove(first->id));
    BOOST_TEST((memory.way("d1", app, false, start + 3 * minute) == Way::intercept));
    BOOST_TEST((memory.way("d2", app, false, start + 3 * minute) == Way::tunnel));
    BOOST_TEST(memory.bypasses(start + 25 * hour).empty());
    memory.forget_device("d2");
    BOOST_TEST(memory.bypasses(start).empty());
}

BOOST_AUTO_TEST_CASE(bypasses_survive_a_restart_and_their_ids_are_not_given_again)
{
    BypassMemory memory;
    refuse(memory, start);
    const auto first = refuse(memory, start + second);
    const auto version = memory.version();
    refuse(memory, start, Refusal::closed, "d2");
    BOOST_TEST(memory.version() == version); // a refusal alone is not worth a write
    const auto second_one = refuse(memory, start + second, Refusal::closed, "d2");
    BOOST_TEST(memory.version() != version);
    memory.remove(second_one->id);

    BypassMemory again(memory.text());
    BOOST_TEST(again.text() == memory.text());
    BOOST_TEST((again.way("d1", app, false, start + minute) == Way::tunnel));
    refuse(again, start + minute, Refusal::closed, "d3");
    const auto third = refuse(again, start + 2 * minute, Refusal::closed, "d3");
    BOOST_TEST(third->id != first->id);
    BOOST_TEST(third->id != second_one->id);
}

BOOST_AUTO_TEST_CASE(a_text_that_is_none_is_no_bypass)
{
    for (const char* text :
         {"", "{", "[]", "{\"bypasses\":7}", "{\"bypasses\":[7,{},{\"id\":\"b1\"}]}",
          R"({"bypasses":[{"id":"b1","device":"d1","host":"h","reason":"mood","since":1,"until":2}]})",
          R"({"bypasses":[{"id":"b1","device":"","host":"h","reason":"closed","since":1,"until":2}]})",
          R"({"bypasses":[{"id":"b1","device":"d1","host":"h","reason":"closed","since":"1","until":2}]})"}) {
        BypassMemory memory{std::string_view(text)};
        BOOST_TEST(memory.bypasses(0).empty(), text);
        BOOST_TEST(!refuse(memory, start));
        BOOST_TEST(refuse(memory, start + second).has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_far_ahead_makes_no_bypass_for_years)
{
    BypassMemory memory;
    refuse(memory, start + 10'000 * hour);
    refuse(memory, start + 10'000 * hour + second);
    BOOST_TEST((memory.way("d1", app, false, start) == Way::intercept));
}

BOOST_AUTO_TEST_CASE(bypasses_are_bounded_and_one_device_does_not_push_out_the_others)
{
    BypassMemory memory;
    refuse(memory, start, Refusal::closed, "quiet");
    refuse(memory, start + second, Refusal::closed, "quiet");
    for (int i = 0; i < 2; ++i)
        for (int host = 0; host < 1000; ++host)
            refuse(memory, start + minute + i * second, Refusal::closed, "loud",
                   std::to_string(host) + ".facebook.com");
    BOOST_TEST(memory.bypasses(start + 2 * minute).size() == 257U);
    BOOST_TEST((memory.way("quiet", app, false, start + 2 * minute) == Way::tunnel));
}

BOOST_AUTO_TEST_SUITE_END()
