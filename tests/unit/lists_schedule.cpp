// When a subscription is asked for.
#include "proxy/lists/schedule.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::lists;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t now = 1'790'000'000'000;
constexpr std::int64_t hour = 3'600'000;

} // namespace

BOOST_AUTO_TEST_SUITE(schedule)

BOOST_AUTO_TEST_CASE(what_was_never_fetched_is_due_at_once)
{
    BOOST_TEST(due_ms({}, now) <= now);
}

BOOST_AUTO_TEST_CASE(once_a_day_give_or_take_a_tenth)
{
    BOOST_TEST(due_ms({.checked_ms = now, .jitter = 0.5}, now) == now + 24 * hour);
    BOOST_TEST(due_ms({.checked_ms = now, .jitter = 0}, now) == now + 24 * hour * 9 / 10);
    BOOST_TEST(due_ms({.checked_ms = now, .jitter = 0.9999}, now) < now + 24 * hour * 11 / 10);
    BOOST_TEST(due_ms({.checked_ms = now - 30 * hour}, now) <= now);
}

BOOST_AUTO_TEST_CASE(as_often_as_the_list_says_within_bounds)
{
    BOOST_TEST(due_ms({.checked_ms = now, .expires = 96h}, now) == now + 96 * hour);
    BOOST_TEST(due_ms({.checked_ms = now, .expires = 1h}, now) == now + 6 * hour);
    BOOST_TEST(due_ms({.checked_ms = now, .expires = 10'000h}, now) == now + 14 * 24 * hour);
}

BOOST_AUTO_TEST_CASE(what_fails_is_tried_again_ever_more_seldom)
{
    std::int64_t last = 0;
    for (unsigned failures = 1; failures < 40; ++failures) {
        const auto wait = due_ms({.tried_ms = now, .failures = failures}, now) - now;
        BOOST_TEST(wait >= last);
        BOOST_TEST(wait <= 6 * hour);
        last = wait;
    }
    BOOST_TEST(due_ms({.tried_ms = now, .failures = 1}, now) == now + 300'000);
    BOOST_TEST(last == 6 * hour);
}

BOOST_AUTO_TEST_CASE(a_time_that_is_still_to_come_came_from_a_wrong_clock)
{
    BOOST_TEST(due_ms({.checked_ms = now + 1000 * hour}, now) <= now);
    BOOST_TEST(due_ms({.tried_ms = now + 1000 * hour, .failures = 3}, now) <= now);
}

BOOST_AUTO_TEST_SUITE_END()
