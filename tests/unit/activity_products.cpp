#include "proxy/activity/event.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <string_view>

using namespace paravent::activity;
namespace data = boost::unit_test::data;

namespace {

struct Case {
    std::string_view url, category, product, account = {};
};
std::ostream& operator<<(std::ostream& out, const Case& c)
{
    return out << c.url << " (" << c.category << ")";
}

std::string_view host_of(std::string_view url)
{
    url.remove_prefix(url.find("//") + 2);
    return url.substr(0, url.find('/'));
}

Seen seen(std::string_view url, std::string_view category, bool full)
{
    return {.method = url.ends_with("/events") ? "POST" : "GET",
            .url = url,
            .host = host_of(url),
            .page = "https://www.shop.example/cart?mail=a@b.example#x",
            .full = full,
            .category = category};
}

Event one(std::string_view url, std::string_view category, bool full = true)
{
    const auto events = events_of(seen(url, category, full));
    BOOST_REQUIRE(events.size() == 1u);
    return events[0];
}

const Case hosts[] = {
    {"https://connect.facebook.net/", "pixel-loader", "loader"},
    {"https://www.facebook.com/", "", "other"},
    {"https://m.facebook.com/", "", "other"},
    {"https://web.facebook.com/", "pixel-event", "other"},
    {"https://graph.facebook.com/", "", "app_events"},
    {"https://an.facebook.com/", "", "audience_network"},
    {"https://pixel.facebook.com/", "", "pixel"},
    {"https://analytics.facebook.com/", "", "pixel"},
    {"https://cx.atdmt.com/", "", "other"},
    {"https://gw.conversionsapigateway.com/", "", "conversions"},
    {"https://www.instagram.com/", "", "other"},
    {"https://static.xx.fbcdn.net/", "", "other"},
};

const Case paths[] = {
    {"https://connect.facebook.net/en_US/fbevents.js", "", "loader"},
    {"https://connect.facebook.net/signals/config/1472749159700779?v=2.9.180", "", "loader", "1472749159700779"},
    {"https://connect.facebook.net/signals/plugins/identity.js", "", "loader"},
    {"https://connect.facebook.net/signals/config/abc?id=x", "", "loader"},
    {"https://connect.facebook.net/de_DE/sdk.js?hash=1", "pixel-loader", "social_plugin"},
    {"https://connect.facebook.net/en_US/all.js", "", "social_plugin"},
    {"https://connect.facebook.net/en_US/sdk/xfbml.customerchat.js", "", "social_plugin"},
    {"https://www.facebook.com/tr?id=1472749159700779&ev=PageView", "", "pixel", "1472749159700779"},
    {"https://www.facebook.com/tr/?id=1472749159700779&ev=PageView", "", "pixel", "1472749159700779"},
    {"https://facebook.com/tr?id=12&ev=PageView", "", "pixel", "12"},
    {"https://www.facebook.com/trending", "", "other"},
    {"https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=77&ev=Lead", "", "pixel", "77"},
    {"https://www.facebook.com/audiencenetwork/token/v1", "", "audience_network"},
    {"https://www.facebook.com/adnw_sync2?a=1", "", "audience_network"},
    {"https://www.facebook.com/plugins/like.php?app_id=123&href=x", "", "social_plugin", "123"},
    {"https://www.facebook.com/v19.0/plugins/page.php", "", "social_plugin"},
    {"https://www.facebook.com/x/oauth/status?client_id=456", "", "social_plugin", "456"},
    {"https://www.facebook.com/impression.php/f1/?api_key=789", "", "social_plugin", "789"},
    {"https://www.facebook.com/v12.0/dialog/oauth?client_id=5", "", "login", "5"},
    {"https://www.facebook.com/login.php", "", "login"},
    {"https://www.facebook.com/ajax/bulk-route-log", "", "logging"},
    {"https://www.facebook.com/a/bz", "meta-logging", "logging"},
    {"https://www.facebook.com/somebody", "", "other"},
    {"https://www.facebook.com/unheard-of", "pixel-event", "pixel"}, // a rule knows more than the path
    {"https://graph.facebook.com/v19.0/1472749159700779/activities", "", "app_events", "1472749159700779"},
    {"https://graph.facebook.com/1472749159700779/activities?x=1", "", "app_events", "1472749159700779"},
    {"https://graph.facebook.com/v19.0/1472749159700779/events", "", "conversions", "1472749159700779"},
    {"https://graph.facebook.com/v19.0/123/mobile_sdk_gk", "", "app_events", "123"},
    {"https://graph.facebook.com/v19.0/123?fields=x", "", "app_events", "123"},
    {"https://graph.facebook.com/v19.0/me", "", "login"},
    {"https://graph.facebook.com/oauth/access_token?client_id=9", "", "login", "9"},
    {"https://graph.facebook.com/network_ads_common", "", "audience_network"},
    {"https://graph.facebook.com/v19.0/somebody/photos", "", "other"},
    {"https://graph.facebook.com/", "", "app_events"},
    {"https://www.instagram.com/embed.js", "", "social_plugin"},
    {"https://www.instagram.com/p/abc/embed/", "", "social_plugin"},
    {"https://www.instagram.com/logging/falco", "", "logging"},
    {"https://graph.instagram.com/logging_client_events", "", "logging"},
    {"https://web.whatsapp.com/wam", "", "logging"},
    {"https://cx.atdmt.com/?c=1&f=2&id=33", "", "other", "33"},
    {"https://an.facebook.com/v1/x", "tracking", "audience_network"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(products)

BOOST_DATA_TEST_CASE(a_tunnel_tells_its_host_and_no_more, data::make(hosts), c)
{
    const auto event = one(c.url, c.category, false);
    BOOST_TEST(name_of(event.product) == c.product);
    BOOST_TEST(event.destination == host_of(c.url));
    BOOST_TEST(!event.seen_full);
    BOOST_TEST(event.site == "");
    BOOST_TEST(event.page == "");
    BOOST_TEST(event.account == "");
    BOOST_TEST(event.name == "");
}

BOOST_DATA_TEST_CASE(a_request_seen_whole_is_known_by_its_path_then_by_its_rule, data::make(paths), c)
{
    const auto event = one(c.url, c.category);
    BOOST_TEST(name_of(event.product) == c.product);
    BOOST_TEST(event.account == c.account);
    BOOST_TEST(event.seen_full);
    BOOST_TEST(event.site == "shop.example");
    BOOST_TEST(event.page == "https://www.shop.example/cart");
}

BOOST_AUTO_TEST_CASE(a_batch_in_the_address_is_one_event_each_without_the_login)
{
    const auto events = events_of(
        {.method = "POST",
         .url =
             "https://graph.facebook.com/?batch=%5B%7B%22method%22%3A%22POST%22%2C%22relative_url%22%3A%22v19.0%2F11%2F"
             "activities%3Fevent%3DMOBILE_APP_INSTALL%22%7D%2C%7B%22relative_url%22%3A%22me%22%7D%2C%7B%22relative_url"
             "%22%3A%2222%2Factivities%22%2C%22body%22%3A%22event%3DCUSTOM_APP_EVENTS%26custom_events%3D%255B%257B%2522"
             "_eventName%2522%253A%2522fb_mobile_purchase%2522%252C%2522_valueToSum%2522%253A5.5%257D%255D%22%7D%5D",
         .host = "graph.facebook.com",
         .page = "",
         .full = true,
         .category = "app-events"});
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[0].account == "11");
    BOOST_TEST(events[0].name == "MOBILE_APP_INSTALL");
    BOOST_TEST(events[1].account == "22");
    BOOST_TEST(events[1].name == "fb_mobile_purchase");
    BOOST_TEST(events[1].value.value() == 5.5);
}

BOOST_AUTO_TEST_CASE(an_apps_report_in_the_address_tells_app_device_and_events)
{
    const auto events = events_of(
        {.method = "POST",
         .url = "https://graph.facebook.com/v19.0/123/"
                "activities?event=CUSTOM_APP_EVENTS&application_package_name=com.example"
                "&advertiser_id=38400000-8cf0-11bd-b23e-10b96e40000d&anon_id=XZ-secret"
                "&extinfo=%5B%22a2%22%2C%22com.example%22%2C1%2C%221.0%22%2C%2214%22%2C%22Pixel%208%22%2C%22de_DE%22%"
                "2C%22CET"
                "%22%2C%22Carrier%22%5D&ud=%7B%22em%22%3A%22secret%22%7D"
                "&custom_events=%5B%7B%22_eventName%22%3A%22fb_mobile_activate_app%22%7D%2C%7B%22_eventName%22%3A%22"
                "fb_mobile_deactivate_app%22%2C%22_valueToSum%22%3A93%7D%2C%7B%22_eventName%22%3A%22x%22%2C%22_"
                "valueToSum%22"
                "%3A%222.5%22%2C%22fb_currency%22%3A%22USD%22%7D%5D",
         .host = "graph.facebook.com",
         .page = "",
         .full = true,
         .category = "app-events"});
    BOOST_REQUIRE(events.size() == 3u);
    BOOST_TEST(events[0].name == "fb_mobile_activate_app");
    BOOST_TEST(!events[1].value); // seconds, no money
    BOOST_TEST(events[2].value.value() == 2.5);
    BOOST_TEST(events[2].currency == "USD");
    const std::vector<std::pair<std::string, std::string>> facts = {
        {"app", "com.example"}, {"os", "14"}, {"model", "Pixel 8"}, {"carrier", "Carrier"}, {"advertiser_id", "true"}};
    BOOST_TEST((events[2].device_facts == facts));
    const std::vector<std::string> kinds = {"madid", "anon_id", "em"};
    BOOST_TEST(events[2].identifiers == kinds, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_glance_tells_what_the_event_is_counted_under_or_nothing)
{
    unsigned told = 0;
    const auto compare = [&](const Seen& request) {
        const auto glance = glance_at(request);
        if (!glance)
            return;
        ++told;
        const auto events = events_of(request);
        BOOST_REQUIRE(events.size() == 1u);
        BOOST_TEST_CONTEXT(request.url)
        {
            BOOST_TEST(name_of(glance->product) == name_of(events[0].product));
            BOOST_TEST(glance->site == events[0].site);
        }
    };
    for (const auto& c : hosts)
        compare(seen(c.url, c.category, false));
    BOOST_TEST(told == std::size(hosts)); // of a tunnel there is nothing to decode
    for (const auto& c : paths)
        compare(seen(c.url, c.category, true));
    BOOST_TEST(told > std::size(hosts) + 20);
    for (const auto* pixel : {"https://www.facebook.com/tr?id=1&dl=https%3A%2F%2Fother.example%2F",
                              "https://graph.facebook.com/?batch=%5B%5D", "https://graph.facebook.com/1/activities"})
        BOOST_TEST(!glance_at(seen(pixel, "", true)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
