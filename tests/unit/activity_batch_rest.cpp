#include "proxy/activity/batch_answers.hpp"
#include "proxy/activity/batch_rest.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view root = "https://graph.facebook.com/";
constexpr std::string_view form = "application/x-www-form-urlencoded";

const std::string first =
    R"({"method":"POST","relative_url":"1\/activities","body":"a=b%5D&c=[","attached_files":"f1"})";
const std::string login = R"({ "method" : "GET", "relative_url":"me?x=\"]},{[" })";
const std::string last = R"({"method":"POST","relative_url":"2/activities","attached_files":"f1,f2"})";
const std::string list = "[" + first + " ,\n" + login + "," + last + "]";

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

BatchRest rest_of(const Seen& seen, const std::vector<std::size_t>& taken)
{
    const auto batch = batch_of(seen);
    BOOST_REQUIRE(batch.has_value());
    BOOST_REQUIRE(batch->whole);
    auto rest = without(seen, *batch, taken);
    BOOST_REQUIRE(rest.has_value());
    return *rest;
}

/// What the list of a request has become, as the next reader finds it.
std::string list_in(std::string_view url, std::string_view type, std::string_view body)
{
    const auto again = batch_of(post(url, type, body));
    return again ? again->json : "none";
}

} // namespace

BOOST_AUTO_TEST_SUITE(batch_rests)

BOOST_AUTO_TEST_CASE(parts_leave_a_form_and_the_rest_stays_as_it_was)
{
    const std::string body = "access_token=a+b%2f&batch=" + escaped(list) + "&include_headers=false&x";
    const auto rest = rest_of(post(root, form, body), {0, 2});
    BOOST_TEST(rest.body.starts_with("access_token=a+b%2f&batch=%5B"));
    BOOST_TEST(rest.body.ends_with("%5D&include_headers=false&x"));
    BOOST_TEST(list_in(root, form, rest.body) == "[" + login + "]");
    BOOST_TEST(rest.query == "");
    BOOST_TEST(list_in(root, form, rest_of(post(root, form, body), {1}).body) == "[" + first + "," + last + "]");
}

BOOST_AUTO_TEST_CASE(parts_leave_a_query)
{
    const std::string url = std::string{root} + "v19.0/?a=%41&batch=" + escaped(list) + "&b";
    const auto rest = rest_of(post(url, "", ""), {0, 2});
    BOOST_TEST(rest.query.starts_with("a=%41&batch=%5B"));
    BOOST_TEST(rest.query.ends_with("%5D&b"));
    BOOST_TEST(list_in(std::string{root} + "?" + rest.query, "", "") == "[" + login + "]");
    BOOST_TEST(rest.body == "");
}

BOOST_AUTO_TEST_CASE(parts_leave_json_alone_as_a_member_and_as_a_string)
{
    BOOST_TEST(rest_of(post(root, "application/json", list), {0, 2}).body == "[" + login + "]");
    const std::string member = R"({"access_token":"a\"b","batch" : )" + list + R"(, "z":{"batch":[]}})";
    BOOST_TEST(rest_of(post(root, "application/json", member), {0, 2}).body ==
               R"({"access_token":"a\"b","batch" : [)" + login + R"(], "z":{"batch":[]}})");
    const std::string text = R"({"batch":"[{\"relative_url\":\"1/activities\"},{\"relative_url\":\"me\"}]","n":1})";
    BOOST_TEST(rest_of(post(root, "application/json", text), {0}).body ==
               R"({"batch":"[{\"relative_url\":\"me\"}]","n":1})");
}

BOOST_AUTO_TEST_CASE(files_leave_with_the_last_part_that_they_belong_to)
{
    const auto part = [](std::string_view name, std::string_view value) {
        return "--XyZ\r\nContent-Disposition: form-data; name=\"" + std::string{name} + "\"; filename=\"x\"\r\n\r\n" +
               std::string{value} + "\r\n";
    };
    const std::string body = part("batch", list) + part("f1", "told-one") + part("f2", "told-two") + "--XyZ--\r\n";
    const auto seen = post(root, "multipart/form-data; boundary=XyZ", body);
    const auto one = rest_of(seen, {2}).body;
    BOOST_TEST(one == part("batch", "[" + first + "," + login + "]") + part("f1", "told-one") + part("f2", "") +
                          "--XyZ--\r\n");
    const auto both = rest_of(seen, {0, 2}).body;
    BOOST_TEST(both.find("told-") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_are_named_with_blanks_or_not_and_fields_are_no_files)
{
    const auto part = [](std::string_view head, std::string_view value) {
        return "--XyZ\r\nContent-Disposition: form-data; " + std::string{head} + "\r\n\r\n" + std::string{value} +
               "\r\n";
    };
    const std::string asks =
        R"([{"method":"POST","relative_url":"1/activities","attached_files":" f1 , f2,token"},{"relative_url":"me"}])";
    const std::string body = part("name=batch", asks) + part("name=\"f1\"; filename=\"a\"", "told-one") +
                             part("name=\"f2\"; filename=\"b\"", "told-two") + part("name=\"token\"", "secret") +
                             "--XyZ--\r\n";
    const auto rest = rest_of(post(root, "multipart/form-data; boundary=XyZ", body), {0}).body;
    BOOST_TEST(rest.find("told-") == std::string::npos);
    BOOST_TEST(rest.find("secret") != std::string::npos);
}

const std::string url_batch = "?batch=%5B%7B%22relative_url%22%3A%221%2Factivities%22%7D%5D";
const std::string entry = R"({"method":"POST","relative_url":"1/activities"})";

struct Odd {
    std::string query, type, body;
};
std::ostream& operator<<(std::ostream& out, const Odd& odd)
{
    return out << odd.query << " " << odd.body;
}
const std::vector<Odd> odd_ones = {
    {url_batch, "application/x-www-form-urlencoded", "batch=" + escaped("[" + entry + "]")}, // two places
    {url_batch, "application/json", R"({"b\u0061tch":[)" + entry + "]}"},
    {"", "application/json", R"({"batch":[)" + entry + R"(],"batch":[)" + entry + "]}"},
    {"", "application/json", R"({"b\u0061tch":[)" + entry + R"(],"batch":[]})"},
    {"", "application/json", R"({"batch":null,"batch":[)" + entry + "]}"},
    {"", "application/json", R"({"batch":[)" + entry + R"(],"x":"\ud800","batch":[)" + entry + "]}"},
    {"", "application/x-www-form-urlencoded", "batch=" + escaped("[" + entry + "]") + "&+batch=" + escaped("[]")},
    {"", "application/x-www-form-urlencoded", "batch[0][relative_url]=me&batch=" + escaped("[" + entry + "]")},
    {"", "application/json", R"([{"relative_url":"me","relative_url":"1/activities"}])"}, // two readings
    {"", "application/json", R"([{"method":"POST","relative_url":"/","body":"batch=%5B%5D"}])"},
    {"", "application/json", R"([{"method":"POST","relative_url":"1/activities","attached_files":["a"]}])"},
    {"", "application/json",
     R"([{"method":"POST","relative_url":"1/activities","attached_files":")" + std::string(1100, 'f') + R"("}])"},
};

BOOST_DATA_TEST_CASE(a_batch_that_has_two_readings_is_for_nobody_to_change, data::make(odd_ones), odd)
{
    const std::string url = std::string{root} + odd.query;
    const auto seen = post(url, odd.type, odd.body);
    const auto batch = batch_of(seen);
    BOOST_REQUIRE(batch.has_value());
    BOOST_TEST(!batch->whole);
    BOOST_TEST(events_of(seen).back().body_cut);
}

BOOST_AUTO_TEST_CASE(a_batch_is_found_behind_whatever_else_there_is)
{
    std::string body;
    for (int n = 0; n < 600; ++n)
        body += "x=1&";
    body += "y=" + std::string(3'000'000, 'y') + "&batch=" + escaped("[" + entry + "," + login + "]");
    BOOST_TEST(list_in(root, form, rest_of(post(root, form, body), {0}).body) == "[" + login + "]");
}

BOOST_DATA_TEST_CASE(what_a_part_does_is_said_by_its_method_its_field_or_its_body,
                     data::make({R"({"method":" post ","relative_url":"1/activities"})",
                                 R"({"relative_url":"1/activities?method=post"})",
                                 R"({"method":"GET","relative_url":"1/activities","body":"a=b&method=POST"})",
                                 R"({"relative_url":"1/activities","body":"a=b"})"}),
                     text)
{
    const auto body = "[" + std::string{text} + "]";
    BOOST_TEST(batch_of(post(root, "application/json", body))->parts.at(0).method == "POST");
}

BOOST_AUTO_TEST_CASE(a_part_may_need_another_one)
{
    const std::string body = R"([{"name":"a","relative_url":"1/activities"},{"name":"b","relative_url":"me"},)"
                             R"({"depends_on":"a","relative_url":"x"},{"relative_url":"?ids={result=b:$.id}"}])";
    const auto batch = batch_of(post(root, "application/json", body));
    const auto& parts = batch->parts;
    BOOST_TEST(needs(*batch, parts[2], parts[0]));
    BOOST_TEST(!needs(*batch, parts[2], parts[1]));
    BOOST_TEST(needs(*batch, parts[3], parts[1]));
    BOOST_TEST(!needs(*batch, parts[0], parts[2]));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(batch_answers)

namespace {
struct Reply {
    std::string_view metas;
    std::size_t parts;
    std::vector<std::size_t> ours;
    std::string_view expected;
};
std::ostream& operator<<(std::ostream& out, const Reply& reply)
{
    return out << reply.metas;
}
const std::vector<Reply> replies = {
    {"[1]", 1, {}, "[1]"},
    {"[1,2]", 3, {0}, "[A,1,2]"},
    {"[1,2]", 3, {1}, "[1,B,2]"},
    {"[1,2]", 3, {2}, "[1,2,C]"},
    {"[1]", 4, {0, 1, 3}, "[A,B,1,D]"},
    {" \r\n[ null , {\"body\":\"],[\\\"\\\\\"} ]\n", 4, {1, 2}, " \r\n[null,B,C,{\"body\":\"],[\\\"\\\\\"}]\n"},
    {R"([[1,[2]],{"a":[{}]}])", 3, {1}, R"([[1,[2]],B,{"a":[{}]}])"},
    {"[]", 2, {0, 1}, "[A,B]"},
    {"[1]", 4, {1}, "[1,B,null,null]"}, // Meta said less than it was asked
    {R"({"error":{"code":190}})", 2, {0}, R"({"error":{"code":190}})"},
    {"[1}}}}", 2, {1}, "[1}}}}"},
    {"\xEF\xBB\xBF[1]", 2, {0}, "\xEF\xBB\xBF[A,1]"},
    {"", 2, {0}, ""},
};
} // namespace

BOOST_DATA_TEST_CASE(answers_stand_in_their_places_however_the_bytes_come, data::make(replies), reply)
{
    for (std::size_t step = 1; step <= reply.metas.size() + 1; ++step) {
        std::vector<std::pair<std::size_t, std::string>> ours;
        for (const auto place : reply.ours)
            ours.emplace_back(place, std::string(1, static_cast<char>('A' + place)));
        BatchAnswers answers(reply.parts, ours);
        std::string out;
        for (std::size_t at = 0; at < reply.metas.size(); at += step)
            out += answers.take(reply.metas.substr(at, step));
        BOOST_TEST(out == reply.expected);
    }
}

BOOST_AUTO_TEST_CASE(where_nothing_was_asked_the_answers_are_ours_alone)
{
    BOOST_TEST(BatchAnswers(2, {{0, "A"}, {1, "B"}}).alone() == "[A,B]");
}

BOOST_AUTO_TEST_SUITE_END()
