#include "proxy/activity/batch.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_tree.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

// What is written as no standard has it is read as it was meant; what is left out all the same is said.

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded";
constexpr std::string_view json = "application/json";
constexpr std::string_view server = "https://graph.facebook.com/v19.0/1/events";
constexpr std::string_view app = "https://graph.facebook.com/v19.0/1/activities";
constexpr std::string_view tr = "https://www.facebook.com/tr/";

std::string escaped(std::string_view text)
{
    return percent_encoded(text);
}

std::string reread(std::string_view text)
{
    return json_text(read_json(text).root(), 1000);
}

std::string repeated(std::string_view text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// Two events, the first of which has the piece in its custom data.
std::vector<Event> two_with(const std::string& piece)
{
    return events_of(post(server, json,
                          R"({"data":[{"event_name":"A","custom_data":{)" + piece +
                              R"(,"value":5,"currency":"EUR"}},{"event_name":"B"}]})"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(tolerant_reading)

BOOST_DATA_TEST_CASE(an_odd_text_takes_nothing_with_it,
                     data::make({R"("content_name":"cut \ud83d")", R"("content_name":"cut \ude00")",
                                 R"("content_name":"cut \ud83d\ud83d")", "\"content_name\":\"cut\nline\"",
                                 "\"content_name\":\"cut\tline\"", R"("content_name":"cut \x \' \u12")",
                                 R"("content_name":"cut","x":NaN)",
                                 R"("content_name":"cut","x":[-Infinity,Infinity])"}),
                     piece)
{
    const auto events = two_with(piece);
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[0].value.value() == 5);
    BOOST_TEST(events[0].currency == "EUR");
    BOOST_REQUIRE(!events[0].custom.empty());
    BOOST_TEST(events[0].custom[0].second.starts_with("cut"));
    BOOST_TEST(events[1].name == "B");
    BOOST_TEST(!events[0].body_cut); // all of it was read
}

BOOST_AUTO_TEST_CASE(json_is_read_as_it_was_meant)
{
    BOOST_TEST(reread(R"(["\ud83d"])") == "[\"\xEF\xBF\xBD\"]");
    BOOST_TEST(reread(R"(["a\ud83d\ude00b\ud83d"])") == "[\"a\xF0\x9F\x98\x80"
                                                        "b\xEF\xBF\xBD\"]");
    BOOST_TEST(reread("[\"a\nb\x01\"]") == "[\"a b \"]");
    BOOST_TEST(reread(R"(["\q\'\u12\\\"\n"])") == R"(["q'u12\\\"\u000a"])");
    BOOST_TEST(reread(R"([NaN,Infinity,-Infinity,-1,"NaN"])") == R"([null,null,null,-1,"NaN"])");
    BOOST_TEST(reread("{\"a\":NaN,\"b\nc\":1}") == R"({"a":null,"b c":1})");
    BOOST_TEST(reread("[\"\\") == "[]");
    BOOST_TEST(reread("[1,\"\\ud83d\",tru]") == "[1,\"\xEF\xBF\xBD\"]");
}

BOOST_AUTO_TEST_CASE(half_a_character_in_any_body_takes_nothing_with_it)
{
    const auto reports =
        events_of(post(app, form,
                       "event=CUSTOM_APP_EVENTS&custom_events=" +
                           escaped(R"([{"_eventName":"a"},{"_eventName":"b","x":"\ud83d"},{"_eventName":"c"}])")));
    BOOST_TEST(reports.size() == 3u);
    const auto pixel = events_of(post(tr, json, R"({"id":"7","cd":{"x":"\ud83d"},"ev":"Lead","eid":"e"})"));
    BOOST_TEST(pixel.at(0).name == "Lead");
    BOOST_TEST(pixel.at(0).event_id);
    const auto contents = contents_of(R"([{"id":"ok"},{"id":"\ud83d"},{"id":"c"}])");
    BOOST_REQUIRE(contents.size() == 3u);
    BOOST_TEST(contents[2].id == "c");
}

BOOST_AUTO_TEST_CASE(a_batch_that_others_may_read_otherwise_is_not_whole)
{
    const auto seen = post("https://graph.facebook.com/", json,
                           "{\"batch\":[{\"method\":\"POST\",\"relative_url\":\"1/activities?event=\\q\"},"
                           "{\"method\":\"POST\",\"relative_url\":\"2/activities?event=X\"}]}");
    const auto batch = batch_of(seen);
    BOOST_REQUIRE(batch.has_value());
    BOOST_TEST(!batch->whole);
    const auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[1].account == "2");
    BOOST_TEST(
        !batch_of(post("https://graph.facebook.com/", form, "batch=" + escaped(R"([{"relative_url":"me?x=\ud83d"}])")))
             ->whole);
}

BOOST_DATA_TEST_CASE(what_is_broken_beyond_that_is_said,
                     data::make({R"("x":tru)", R"("x":{'a':1})", R"("x":"open)", R"("x":1 2)"}), piece)
{
    const auto events = two_with(piece);
    BOOST_TEST(events.at(0).name == "A");
    BOOST_TEST(events.at(0).body_cut);
}

BOOST_AUTO_TEST_CASE(what_is_too_deep_is_left_out_alone)
{
    const auto events = two_with("\"x\":" + std::string(200, '[') + "\"]\"" + std::string(200, ']'));
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[0].value.value() == 5);
    BOOST_TEST(events[0].body_cut);
    BOOST_TEST(events[1].name == "B");
}

BOOST_AUTO_TEST_CASE(more_events_than_are_read_are_said)
{
    const std::string one = R"({"event_name":"A"},)", report = R"({"_eventName":"A"},)";
    for (const auto& [more, body] : {std::pair{true, "{\"data\":[" + repeated(one, 1200) + "null]}"},
                                     std::pair{false, "{\"data\":[" + repeated(one, 1000) + "null]}"}}) {
        const auto events = events_of(post(server, json, body));
        BOOST_REQUIRE(events.size() == max_events);
        BOOST_TEST(events.back().body_cut == more);
    }
    for (const auto& [more, times] : {std::pair{true, 1200}, std::pair{false, 1000}}) {
        const auto events =
            events_of(post(app, form, "custom_events=" + escaped("[" + repeated(report, times) + "null]")));
        BOOST_REQUIRE(events.size() == max_events);
        BOOST_TEST(events.back().body_cut == more);
    }
}

BOOST_AUTO_TEST_CASE(more_nodes_than_are_read_are_said)
{
    const auto many = two_with("\"x\":[" + repeated("0,", 70'000) + "0]");
    BOOST_REQUIRE(many.size() == 1u);
    BOOST_TEST(many[0].body_cut);
    const auto reports = events_of(
        post(app, form, "custom_events=" + escaped(R"([{"_eventName":"a","x":[)" + repeated("0,", 70'000) + "0]}]")));
    BOOST_TEST(reports.at(0).body_cut);
}

BOOST_AUTO_TEST_CASE(more_fields_than_are_read_are_said)
{
    const auto many = repeated("expv2[1]=x&", 515) + "id=1&ev=Lead";
    for (const auto& seen :
         {post(tr, form, many), post(app, form, many), post("https://www.facebook.com/adnw_sync2", form, many),
          post("https://x.cloud.example/events?cee=no", form, many), post(server, form, many)})
        BOOST_TEST(events_of(seen).at(0).body_cut);
    std::string parts;
    for (int i = 0; i < 515; ++i)
        parts += "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    BOOST_TEST(events_of(post(tr, "multipart/form-data; boundary=b", parts + "--b--")).at(0).body_cut);
    BOOST_TEST(!events_of(post(tr, form, repeated("expv2[1]=x&", 500) + "id=1&ev=Lead")).at(0).body_cut);
}

BOOST_AUTO_TEST_CASE(a_longer_address_than_is_read_is_said)
{
    const auto long_one = "https://www.facebook.com/tr/?id=1&ev=Lead&x=" + std::string(70'000, 'x') + "&es=automatic";
    BOOST_TEST(events_of(post(long_one, "", "")).at(0).body_cut);
}

BOOST_AUTO_TEST_CASE(more_facts_than_an_event_keeps_are_said)
{
    const auto lead = [](const std::string& fields) {
        return events_of(post(tr, form, "id=1&ev=Lead&" + fields)).at(0).body_cut;
    };
    const auto numbered = [](const std::string& before, const std::string& after, int times) {
        std::string all;
        for (int i = 0; i < times; ++i)
            all += before + static_cast<char>('a' + i / 26) + static_cast<char>('a' + i % 26) + after;
        return all;
    };
    BOOST_TEST(lead(numbered("cd[k", "]=1&", 65)));
    BOOST_TEST(!lead(numbered("cd[k", "]=1&", 64)));
    BOOST_TEST(lead(numbered("ud[k", "]=1&", 33)));
    BOOST_TEST(!lead(numbered("ud[k", "]=1&", 32) + "ud[kaa]=2"));
    BOOST_TEST(lead("cd[contents]=[" + numbered("{\"id\":\"", "\"},", 65) + "]"));
    BOOST_TEST(!lead("cd[contents]=[" + numbered("{\"id\":\"", "\"},", 64) + "]"));
    BOOST_TEST(lead("cd[content_ids]=" + numbered("x", ",", 65)));
}

BOOST_AUTO_TEST_SUITE_END()
