#include "proxy/activity/product.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

// The same address tells something or nothing by the method it is asked with.

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded";

Event asked(std::string_view method, std::string_view url, std::string_view category = {})
{
    auto seen = post(url, "", "");
    seen.method = method;
    seen.category = category;
    const auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 1u);
    return events[0];
}

} // namespace

BOOST_AUTO_TEST_SUITE(methods)

BOOST_DATA_TEST_CASE(a_preflight_tells_no_more_than_where_it_goes,
                     data::make({"https://www.facebook.com/tr/?id=111&ev=Purchase&ts=1795511564001&cd[value]=5"
                                 "&cd[currency]=EUR&cd[x]=y&ud[em]=x&dl=https%3A%2F%2Fother.example%2F",
                                 "https://graph.facebook.com/v19.0/1/activities?event=MOBILE_APP_INSTALL&anon_id=x",
                                 "https://graph.facebook.com/?batch=%5B%7B%22relative_url%22%3A%221%2Factivities%3F"
                                 "event%3DX%22%7D%5D",
                                 "https://gw.conversionsapigateway.com/events?cee=no",
                                 "https://graph.facebook.com/v19.0/1/events"}),
                     url)
{
    auto seen = post(url, form, "ev=Lead&ud[ph]=x");
    seen.method = "OPTIONS";
    seen.page = "https://shop.example/cart";
    seen.cookies = "c_user=100000123456789";
    BOOST_TEST(is_preflight(seen));
    const auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 1u);
    const auto& e = events[0];
    BOOST_TEST(e.destination == host_of(url));
    seen.method = "POST";
    BOOST_TEST(!is_preflight(seen));
    BOOST_TEST(name_of(e.product) == name_of(events_of(seen).at(0).product));
    BOOST_TEST(e.name == "");
    BOOST_TEST(e.account == "");
    BOOST_TEST(!e.value);
    BOOST_TEST(e.currency == "");
    BOOST_TEST(e.custom.empty());
    BOOST_TEST(e.identifiers.empty());
    BOOST_TEST(e.twin == 0u);
    seen.method = "OPTIONS";
    const auto glance = glance_at(seen); // it is counted by this
    BOOST_REQUIRE(glance.has_value());
    BOOST_TEST(name_of(glance->product) == name_of(e.product));
    BOOST_TEST(glance->site == "shop.example");
}

BOOST_AUTO_TEST_CASE(who_reads_a_pages_calendar_converts_nobody)
{
    constexpr std::string_view events = "https://graph.facebook.com/v19.0/104958162837/events";
    BOOST_TEST(name_of(asked("GET", events).product) == "other");
    BOOST_TEST(name_of(asked("HEAD", events).product) == "other");
    BOOST_TEST(name_of(asked("POST", events).product) == "conversions");
    BOOST_TEST(name_of(asked("GET", std::string{events} + "?a=1&method=post").product) == "conversions");
    BOOST_TEST(name_of(asked("GET", events, "conversions").product) == "conversions"); // a rule knows more
}

BOOST_AUTO_TEST_CASE(who_counts_shares_reports_no_app)
{
    const auto product = [](std::string_view method, std::string_view query) {
        return name_of(asked(method, "https://graph.facebook.com/" + std::string{query}).product);
    };
    BOOST_TEST(product("GET", "?id=https%3A%2F%2Fshop.example%2F") == "other");
    BOOST_TEST(product("GET", "v19.0/?fields=engagement&id=https://shop.example/") == "other");
    BOOST_TEST(product("GET", "?ids=https://shop.example/,https://b.example/") == "other");
    BOOST_TEST(product("GET", "") == "app_events");
    BOOST_TEST(product("GET", "?batch=%5B") == "app_events");
    BOOST_TEST(product("POST", "") == "app_events");
}

BOOST_AUTO_TEST_CASE(a_part_of_a_batch_is_known_by_its_own_method)
{
    const auto events = events_of(post("https://graph.facebook.com/", "application/json",
                                       R"([{"method":"GET","relative_url":"104958162837/events"},
        {"method":"POST","relative_url":"7/events","body":"data=[{\"event_name\":\"Lead\"}]"}])"));
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(events[0].name == "Lead");
}

BOOST_AUTO_TEST_SUITE_END()
