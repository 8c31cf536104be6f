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
    const std::string compact = R"({"method":"GET","relative_url":"me?x=\"]},{["})"; // written anew, without its blanks
    BOOST_TEST(rest_of(post(root, "application/json", member), {0, 2}).body ==
               R"({"access_token":"a\"b","batch" : [)" + compact + R"(], "z":{"batch":[]}})");
    const std::string text = R"({"batch":"[{\"relative_url\":\"1/activities\"},{\"relative_url\":\"me\"}]","n":1})";
    BOOST_TEST(rest_of(post(root, "application/json", text), {0}).body ==
               R"({"batch":"[{\"relative_url\":\"me\"}]","n":1})");
}

BOOST_AUTO_TEST_CASE(files_leave_with_the_last_part_that_they_belong_to)
{
    const auto part = [](std::string_view name, std::string_view value) {
        return "--XyZ\r\nContent-Disposition: form-data; name=\"" + std::string{name} + "\"\r\n\r\n" +
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

BOOST_AUTO_TEST_CASE(a_batch_in_two_places_is_for_nobody_to_change)
{
    const std::string url = std::string{root} + "?batch=" + escaped(list);
    const std::string body = "batch=" + escaped(list);
    const auto seen = post(url, form, body);
    BOOST_TEST(!without(seen, *batch_of(seen), std::vector<std::size_t>{0}).has_value());
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
    {"", 2, {0}, ""},
    {"[1}}}}", 2, {1}, "[1}}}}"},
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
