#include "tests/unit/dashboard_desk.hpp"

#include "proxy/dashboard/time.hpp"
#include "proxy/dashboard/why.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using paravent::config::Profile;

boost::json::value explained(const std::string& url, Profile profile = Profile::standard,
                             std::vector<paravent::policy::Exception> exceptions = {}, const std::string& page = {},
                             paravent::policy::Sites sites = {})
{
    Desk desk;
    auto device = paravent::dashboard::undescribed_device(*desk.settings);
    device.profile = profile;
    const auto client = paravent::dashboard::client_of(
        device, exceptions, std::make_shared<const paravent::policy::Sites>(std::move(sites)));
    const auto answer = paravent::dashboard::explain(*desk.ruleset, client, {url, page, {}}, 1'790'000'000'000);
    BOOST_TEST_REQUIRE(answer.has_value());
    return *answer;
}

paravent::policy::Sites one_site(std::string_view name, paravent::policy::Site site)
{
    paravent::policy::Sites sites;
    sites.put(name, std::move(site));
    return sites;
}

bool has(const boost::json::value& answer, std::string_view text)
{
    return answer.at("sentence").as_string().find(text) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_pixel_over_https_would_be_answered_but_takes_interception)
{
    const auto why = explained("https://www.facebook.com/tr?id=1&ev=PageView");
    BOOST_TEST(why.at("url").as_string() == "https://www.facebook.com/tr?id=1&ev=PageView");
    BOOST_TEST(why.at("verdict").as_string() == "answer");
    BOOST_TEST(why.at("rule").as_string() == "meta/pixel-event");
    BOOST_TEST(why.at("category").as_string() == "pixel-event");
    BOOST_TEST(why.at("list").as_string() == "pixel-event");
    BOOST_TEST(why.at("line").to_number<int>() > 0);
    BOOST_TEST(why.at("needs_inside").as_bool());
    BOOST_TEST(why.at("answer").as_string() == "1x1 GIF");
    BOOST_TEST(why.at("outside").at("verdict").as_string() == "allow");
    BOOST_TEST(has(why, "www.facebook.com/tr would be answered by Paravent with an empty picture"));
    BOOST_TEST(has(why, "only the host www.facebook.com is seen, which would pass"));
}

BOOST_AUTO_TEST_CASE(the_same_over_http_is_seen_whole)
{
    const auto why = explained("http://www.facebook.com/tr?id=1");
    BOOST_TEST(why.at("verdict").as_string() == "answer");
    BOOST_TEST(!why.at("needs_inside").as_bool());
    BOOST_TEST(why.at("outside").is_null());
}

BOOST_AUTO_TEST_CASE(the_loader_is_blocked_by_its_host_from_outside)
{
    const auto why = explained("connect.facebook.net/en_US/fbevents.js");
    BOOST_TEST(why.at("verdict").as_string() == "block");
    BOOST_TEST(why.at("rule").as_string() == "meta/loader-host");
    BOOST_TEST(!why.at("needs_inside").as_bool());
    BOOST_TEST(why.at("answer").as_string() == "403 to CONNECT");
    BOOST_TEST(has(why, "before any byte of TLS"));
}

BOOST_AUTO_TEST_CASE(what_no_rule_speaks_of_passes)
{
    const auto why = explained("https://shop.example/cart");
    BOOST_TEST(why.at("verdict").as_string() == "allow");
    BOOST_TEST(why.at("rule").is_null());
    BOOST_TEST(why.at("answer").is_null());
    BOOST_TEST(why.at("sentence").as_string() ==
               "shop.example/cart would pass, because no rule in force speaks of it.");
}

BOOST_AUTO_TEST_CASE(profiles_decide_what_a_rule_does)
{
    BOOST_TEST(explained("http://www.facebook.com/tr", Profile::log).at("verdict").as_string() == "log");
    const auto off = explained("http://www.facebook.com/tr", Profile::off);
    BOOST_TEST(off.at("verdict").as_string() == "allow");
    BOOST_TEST(has(off, "profile off"));
}

BOOST_AUTO_TEST_CASE(the_owners_exception_comes_first)
{
    paravent::policy::Exception exception;
    exception.id = "e1";
    exception.site = "connect.facebook.net";
    const auto why = explained("https://connect.facebook.net/en_US/fbevents.js", Profile::standard, {exception});
    BOOST_TEST(why.at("verdict").as_string() == "allow");
    BOOST_TEST(why.at("rule").as_string() == "exception/e1");
    BOOST_TEST(why.at("list").is_null());
    exception.until_ms = 1'700'000'000'000;
    BOOST_TEST(explained("https://connect.facebook.net/", Profile::standard, {exception}).at("verdict").as_string() ==
               "block");
    exception.until_ms.reset();
    exception.device = "bbbb";
    BOOST_TEST(explained("https://connect.facebook.net/", Profile::standard, {exception}).at("verdict").as_string() ==
               "block");
}

BOOST_AUTO_TEST_CASE(the_service_gives_the_same_answer)
{
    Desk desk;
    const auto why = desk.get("/api/v1/why?url=https%3A%2F%2Fwww.facebook.com%2Ftr%3Fid%3D1%26ev%3DPageView");
    BOOST_TEST(why == explained("https://www.facebook.com/tr?id=1&ev=PageView"));
    BOOST_TEST(desk.get("/api/v1/why?url=http://www.facebook.com/tr&profile=log").at("verdict").as_string() == "log");
    BOOST_TEST(desk.ask("GET", "/api/v1/why?url=a.example&device=ffff").status == 404u);
}

namespace {

struct Time {
    const char* text;
    std::int64_t ms; ///< -1: none
};
std::ostream& operator<<(std::ostream& out, const Time& time)
{
    return out << time.text;
}
const Time times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-24T09:12:44.120Z", 1795511564120},
    {"2026-11-24T10:12:44.12+01:00", 1795511564120},
    {"2026-11-24T04:12:44.1209-05:00", 1795511564120},
    {"2026-11-24t09:12:44z", 1795511564000},
    {"1795511564", 1795511564000},
    {"1795511564.12", 1795511564120},
    {"0", 0},
    {"", -1},
    {"-1", -1},
    {"1.", -1},
    {"1e9", -1},
    {"2026-11-24", -1},
    {"2026-11-24T09:12:44", -1},
    {"2026-11-24T24:00:00Z", -1},
    {"2026-02-29T00:00:00Z", -1},
    {"2026-11-24T09:12:44+25:00", -1},
    {"2026-11-24T09:12:44Zx", -1},
    {"9223372036854775807", -1},
    {"99999999999999999999", -1},
};

} // namespace

BOOST_DATA_TEST_CASE(times_are_read_as_rfc_3339_or_seconds, boost::unit_test::data::make(times), c)
{
    BOOST_TEST(paravent::dashboard::parse_time(c.text).value_or(-1) == c.ms);
}

BOOST_AUTO_TEST_CASE(times_are_written_in_utc_with_milliseconds)
{
    BOOST_TEST(paravent::dashboard::rfc3339(1795511564120) == "2026-11-24T09:12:44.120Z");
    BOOST_TEST(paravent::dashboard::rfc3339(0) == "1970-01-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_link_that_meta_marked_is_led_to_its_address_without_the_mark)
{
    const std::string link = "http://shop.example/shoes?b=1&fbclid=IwAR0";
    const auto why = explained(link);
    BOOST_TEST(why.at("verdict").as_string() == "answer");
    BOOST_TEST(why.at("rule").as_string() == "meta/link-decoration");
    BOOST_TEST(why.at("answer").as_string() == "302");
    BOOST_TEST(!why.at("line").is_null());
    BOOST_TEST(has(why, "redirect"));
    BOOST_TEST(explained("http://shop.example/shoes?b=1").at("verdict").as_string() == "allow");
    BOOST_TEST(explained("https://shop.example/shoes?fbclid=1").at("verdict").as_string() == "allow"); // nobody sees it
    BOOST_TEST(explained(link, Profile::log).at("verdict").as_string() == "log");
    BOOST_TEST(explained(link, Profile::off).at("verdict").as_string() == "allow");
    paravent::policy::Exception exception;
    exception.id = "7";
    exception.site = "shop.example";
    BOOST_TEST(explained(link, Profile::standard, {exception}, "https://www.facebook.com/").at("verdict").as_string() ==
               "allow");
    // A picture is fetched without the mark.
    const auto picture = explained("http://shop.example/a.png?fbclid=1");
    BOOST_TEST(picture.at("verdict").as_string() == "log");
    BOOST_TEST(picture.at("answer").is_null());
    BOOST_TEST(has(picture, "without the mark"));
}

BOOST_AUTO_TEST_CASE(a_sites_gateway_is_blocked_by_the_owners_own_rule)
{
    const auto sites = one_site("shop.example", {std::nullopt, {{"capig.shop.example", true}}, true});
    const auto why = explained("https://capig.shop.example/events", Profile::standard, {}, {}, sites);
    BOOST_TEST(why.at("verdict").as_string() == "block");
    BOOST_TEST(why.at("rule").as_string() == "meta/gateway-of-site");
    BOOST_TEST(why.at("category").as_string() == "conversions");
    BOOST_TEST(why.at("answer").as_string() == "403 to CONNECT");
    BOOST_TEST(why.at("list").is_null());
    BOOST_TEST(why.at("line").is_null());
    BOOST_TEST(has(why, "of https only the host is seen"));
    const auto plain = [&](const std::string& page) {
        return explained("http://capig.shop.example/events", Profile::standard, {}, page, sites).at("verdict");
    };
    BOOST_TEST(plain("https://www.shop.example/").as_string() == "block");
    BOOST_TEST(plain("https://www.other.example/").as_string() == "allow");
    BOOST_TEST(plain("").as_string() == "block");
}

BOOST_AUTO_TEST_CASE(it_says_which_stand_in_a_page_gets)
{
    using paravent::policy::SiteMode;
    const auto loader = [](paravent::policy::Sites sites) {
        Desk desk;
        auto device = paravent::dashboard::undescribed_device(*desk.settings);
        device.intercept = true;
        const auto client = paravent::dashboard::client_of(
            device, {}, std::make_shared<const paravent::policy::Sites>(std::move(sites)));
        const auto answer = paravent::dashboard::explain(
            *desk.ruleset, client, {"https://connect.facebook.net/en_US/fbevents.js", "https://www.shop.example/", {}},
            1'790'000'000'000);
        BOOST_TEST_REQUIRE(answer.has_value());
        return boost::json::value(*answer);
    };
    const auto report = loader({});
    BOOST_TEST(report.at("verdict").as_string() == "answer");
    BOOST_TEST(report.at("answer").as_string() == "fbevents.js (report)");
    BOOST_TEST(has(report, "tells Paravent alone what the page reports"));
    BOOST_TEST(loader(one_site("shop.example", {SiteMode::silent, {}, false})).at("answer").as_string() ==
               "fbevents.js (silent)");
    const auto observed = loader(one_site("shop.example", {SiteMode::observe, {}, false}));
    BOOST_TEST(observed.at("verdict").as_string() == "log");
    BOOST_TEST(observed.at("answer").is_null());
    BOOST_TEST(has(observed, "the owner observes this site"));
    BOOST_TEST(loader(one_site("other.example", {SiteMode::observe, {}, false})).at("answer").as_string() ==
               "fbevents.js (report)");
    // Over plain http a report could not come back.
    BOOST_TEST(explained("http://connect.facebook.net/en_US/fbevents.js").at("answer").as_string() ==
               "fbevents.js (silent)");
}
