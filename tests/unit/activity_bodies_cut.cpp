#include "proxy/activity/facts.hpp"
#include "proxy/activity/identifying.hpp"
#include "proxy/activity/json_tree.hpp"
#include "rules/parsed_url.hpp"
#include "tests/bench/rules_data.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

// What holds for every decoder: whatever happens to a body, the event stays; whatever it carries, no identifier's value
// gets into an event.

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded";
const std::string hash(64, 'a');

/// Every identifier's value has SECRET in it, or is the hash.
struct Planted {
    std::string_view url, type;
    std::string body;
};
std::ostream& operator<<(std::ostream& out, const Planted& p)
{
    return out << p.url << " " << p.type;
}

const Planted planted[] = {
    {"https://www.facebook.com/tr/?id=77&ev=Purchase&ud[external_id]=SECRET-1&fbp=fb.1.1795511564120.SECRET", form,
     "ud[em]=" + hash +
         "&udff[fn]=SECRET-2&aud[ph]=SECRET-3&fbc=fb.1.1795511564120.SECRET&eid=SECRET-9&cd[value]=1"
         "&cd[customer]=SECRET-1&cd[h]=" +
         hash + "&cd[mail]=SECRET%40mail.example&cd[contents]=[{\"id\":\"" + hash +
         "\"}]"
         "&cd[url]=https://shop.example/"
         "x?u=SECRET-7&dl=https%3A%2F%2Fshop.example%2Fu%2FSECRET%2540mail.example%3Fm%3DSECRET"
         "&rl=https://SECRET.example/&cud[em]=SECRET&cd[json]={\"a\":\"SECRET-2\"}&cd[em]=SECRET&udff[em]=SECRET-2"},
    {"https://www.facebook.com/tr/", "multipart/form-data; boundary=b",
     "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n77\r\n--b\r\nContent-Disposition: form-data; "
     "name=\"ud[em]\"; filename=\"SECRET\"\r\n\r\nSECRET-1\r\n--b\r\nContent-Disposition: form-data; "
     "name=\"ev\"\r\n\r\n"
     "mail SECRET@mail.example\r\n--b\r\nContent-Disposition: form-data; name=\"cd[x]\"\r\n\r\nSECRET-1!\r\n--b--\r\n"},
    {"https://graph.facebook.com/v19.0/77/events?access_token=SECRET", "application/json",
     R"({"data":[{"event_name":"Lead","event_id":"SECRET-9","event_source_url":"https://shop.example/a?x=SECRET#SECRET",
         "referrer_url":"https://SECRET.example/","user_data":{"em":["SECRET-1",")" +
         hash + R"("],"ph":"SECRET-2",
         "client_ip_address":"SECRET-3","client_user_agent":"SECRET-4","external_id":["SECRET-5"],"SECRET_KEY":"x"},
         "custom_data":{"a":"SECRET-5","b":{"c":["SECRET-1"]},"external_id":"SECRET","client_ip_address":"SECRET",
         "contents":[{"id":"SECRET@mail.example","quantity":1}],"note":"to SECRET@mail.example"}}],
         "access_token":"SECRET","test_event_code":"SECRET"})"},
    {"https://graph.facebook.com/77/activities", form,
     "event=CUSTOM_APP_EVENTS&anon_id=SECRET-1&app_user_id=SECRET-2&advertiser_id=SECRET-3&device_token=SECRET-4"
     "&ud=%7B%22em%22%3A%22SECRET-5%22%7D&ud[ph]=SECRET-6&attribution=SECRET&custom_events=%5B%7B%22_eventName%22%3A%"
     "22a"
     "%22%2C%22user%22%3A%22SECRET-2%22%2C%22_session_id%22%3A%22SECRET%22%2C%22m%22%3A%22SECRET-5%22%7D%5D"},
    {"https://graph.facebook.com/", form,
     "access_token=SECRET&batch=%5B%7B%22relative_url%22%3A%22me%3Fx%3DSECRET%22%7D%2C%7B%22relative_url%22%3A%2277%2F"
     "activities%3Fanon_id%3DSECRET-1%22%2C%22body%22%3A%22ud%5Bem%5D%3DSECRET-2%22%7D%5D"},
    {"https://x.cloud.example/events?cee=no", "text/plain",
     R"({"event_name":"Lead","fb.pixel_id":"77","event_id":"SECRET","fb.advanced_matching":{"em":"SECRET-1"},
         "website_context":{"location":"https://shop.example/?SECRET"},"fb.fbp":"SECRET-2","fb.clickID":"SECRET-3",
         "custom_data":{"x":"SECRET-1 SECRET-2"}})"},
    {"https://www.facebook.com/adnw_sync2", form,
     "payload=%7B%22IDFA%22%3A%22SECRET-1%22%2C%22BUNDLE%22%3A%22app%22%7D"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(any_body)

BOOST_DATA_TEST_CASE(no_identifiers_value_is_in_its_events, data::make(planted), p)
{
    const auto events = events_of(post(p.url, p.type, p.body));
    const auto text = all_text(events);
    BOOST_TEST_CONTEXT(text)
    {
        BOOST_TEST(text.find("SECRET") == std::string::npos);
        BOOST_TEST(text.find(hash) == std::string::npos);
        BOOST_TEST(!events[0].identifiers.empty());
        BOOST_TEST(text.find(p.url.find("adnw") == std::string::npos ? "77" : "app") != std::string::npos);
    }
}

BOOST_DATA_TEST_CASE(cut_at_every_byte_the_event_stays_and_tells_no_value, data::make(planted), p)
{
    for (std::size_t size = 0; size <= p.body.size(); ++size)
        for (const bool cut : {false, true}) {
            const auto events = events_of(post(p.url, p.type, std::string_view{p.body}.substr(0, size), cut));
            BOOST_REQUIRE(!events.empty());
            // The hash itself, when it is cut, is no hash any more: that is why a cut body's last field does not count.
            if (cut)
                BOOST_REQUIRE(all_text(events).find(std::string(60, 'a')) == std::string::npos);
        }
}

BOOST_DATA_TEST_CASE(damaged_at_every_byte_the_event_stays, data::make(planted), p)
{
    for (const char damage : {'\0', '"', '[', '}', '\xff', '&', '\n'})
        for (std::size_t at = 0; at < p.body.size(); ++at) {
            auto body = p.body;
            body[at] = damage;
            BOOST_REQUIRE(!events_of(post(p.url, p.type, body)).empty());
        }
}

BOOST_AUTO_TEST_CASE(what_identifies_is_known_by_its_form)
{
    for (const std::string& text :
         {std::string{"a@b.example"}, std::string{"x=a%40b.example"}, hash, "#" + hash + "#",
          std::string(31, '0') + "f", std::string{"fb.1.1795511564120.221006875"}, std::string{"714534500.1549980182"},
          std::string{"id 38400000-8cf0-11bd-b23e-10b96e40000d!"}, std::string{"https://x.example/?fbclid=1"}})
        BOOST_TEST(may_identify(text), text);
    for (const std::string& text :
         {std::string{"@type"}, std::string{"follow @shop"}, std::string{"a @ b.example"}, std::string{"2 @ 3.50"},
          std::string(32, '1'), hash + "a", std::string{"fb.1.1.2"}, std::string{"1549980182.25"},
          std::string{"2026-11-24"}, std::string{}, std::string{"%40"}, std::string{"@"}})
        BOOST_TEST(!may_identify(text), text);
}

BOOST_AUTO_TEST_CASE(json_keeps_what_came_before_a_fault)
{
    const auto tree = read_json(R"({"a":12345678901234567890123,"b":[1,{"c":"x\u00e9"}],"b":2,"d":[true,null,1.50)");
    const auto root = tree.root();
    BOOST_TEST(!root.whole());
    BOOST_TEST(root["a"].text() == "12345678901234567890123");
    BOOST_TEST(root["b"].whole());
    BOOST_TEST(json_text(root["b"], 100) == "[1,{\"c\":\"x\xC3\xA9\"}]");
    BOOST_TEST(json_text(root["d"], 100) == "[true,null]"); // 1.50 may go on
    BOOST_TEST(json_text(root["b"], 3).size() == 3u);
    BOOST_TEST(!root["e"]);
    BOOST_TEST(root["e"]["f"].text() == "");
    BOOST_TEST(read_json("\xEF\xBB\xBF[1]").root().whole());
    BOOST_TEST(read_json("4711").root().text() == "4711");
    BOOST_TEST(!read_json("").root());
    std::string deep(max_json_depth, '[');
    BOOST_TEST(read_json(deep + std::string(max_json_depth, ']')).root().whole());
    BOOST_TEST(read_json(deep + std::string(max_json_depth, ']')).whole());
    BOOST_TEST(!read_json(deep + "[" + std::string(max_json_depth + 1, ']')).whole());
    std::size_t nodes = 0;
    const auto few = read_json("[1,2,3,4,5,6]", {.nodes = 4, .text = 100});
    for (const auto node : few.root())
        nodes += node.text().size();
    BOOST_TEST(nodes == 3u);
    BOOST_TEST(!read_json("[\"12345\"]", {.nodes = 4, .text = 4}).root().whole());
}

BOOST_AUTO_TEST_CASE(recorded_pixel_requests_are_decoded)
{
    if (!rules_data::present()) {
        BOOST_TEST_MESSAGE("skipped: no recorded requests in " << rules_data::folder());
        std::puts("skipped: the recorded requests are not there (PARAVENT_DATA)");
        return;
    }
    const std::string text = rules_data::read("requests-28k.jsonl.gz");
    std::map<std::string, unsigned> names;
    unsigned requests = 0, with_account = 0, with_site = 0, with_fbp = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.find("facebook.com/tr") == std::string_view::npos)
            continue;
        const auto url = rules_data::field(line, "url");
        const paravent::rules::ParsedUrl parsed(url);
        if (parsed.host() != "www.facebook.com")
            continue;
        Seen seen{.method = "GET", .url = url, .host = parsed.host(), .page = {}, .full = true, .category = {}};
        const auto events = events_of(seen);
        BOOST_REQUIRE(events.size() == 1u);
        const auto& event = events[0];
        BOOST_TEST(name_of(event.product) == "pixel");
        ++requests;
        ++names[event.name];
        with_account += event.account.empty() ? 0 : 1;
        with_site += event.site.empty() ? 0 : 1;
        const auto fbp = url.find("fbp=fb.");
        with_fbp += fbp == std::string::npos ? 0 : 1;
        BOOST_TEST((fbp != std::string::npos) == (joined(event.identifiers).find("fbp") != std::string::npos));
        if (fbp != std::string::npos)
            BOOST_TEST(all_text(events).find(url.substr(fbp + 4, 20)) == std::string::npos);
    }
    for (const auto& [name, count] : names)
        BOOST_TEST_MESSAGE(count << " " << name);
    BOOST_TEST_MESSAGE(requests << " requests, " << with_account << " accounts, " << with_site << " sites, "
                                << with_fbp);
    BOOST_TEST(requests > 150u);
    BOOST_TEST(names["PageView"] > 50u);
    BOOST_TEST(names["Microdata"] > 10u);
}

BOOST_AUTO_TEST_SUITE_END()
