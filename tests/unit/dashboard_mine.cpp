#include "tests/unit/dashboard_desk.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

const std::string target = "/api/v1/mine";
const std::string anna = R"({"kind": "em", "value": "Anna@mail.example"})";

struct Wrong {
    const char* method;
    const char* target;
    const char* body;
};
std::ostream& operator<<(std::ostream& out, const Wrong& wrong)
{
    return out << wrong.method << ' ' << wrong.target << ' ' << wrong.body;
}

const Wrong wrongs[] = {
    {"POST", "/api/v1/mine", ""},
    {"POST", "/api/v1/mine", "{}"},
    {"POST", "/api/v1/mine", R"({"kind": "em"})"},
    {"POST", "/api/v1/mine", R"({"value": "anna@mail.example"})"},
    {"POST", "/api/v1/mine", R"({"kind": "fn", "value": "anna@mail.example"})"},
    {"POST", "/api/v1/mine", R"({"kind": 1, "value": "anna@mail.example"})"},
    {"POST", "/api/v1/mine", R"({"kind": "em", "value": ""})"},
    {"POST", "/api/v1/mine", R"({"kind": "em", "value": "anna.mail.example"})"},
    {"POST", "/api/v1/mine", R"({"kind": "em", "value": ["anna@mail.example"]})"},
    {"POST", "/api/v1/mine", R"({"kind": "ph", "value": "+49 anna 1234567"})"},
    {"POST", "/api/v1/mine", R"({"kind": "em", "value": "anna@mail.example", "device": "x"})"},
    {"POST", "/api/v1/mine?kind=em", R"({"kind": "em", "value": "anna@mail.example"})"},
    {"DELETE", "/api/v1/mine?kind=em", ""},
    {"DELETE", "/api/v1/mine", R"({"value": "anna@mail.example"})"},
    {"DELETE", "/api/v1/mine", R"({"kind": "fn"})"},
    {"DELETE", "/api/v1/mine", R"({"kind": "em", "value": "anna"})"},
    {"GET", "/api/v1/mine?kind=em", ""},
};

} // namespace

BOOST_AUTO_TEST_CASE(what_was_given_is_told_by_kind_and_count_alone)
{
    Desk desk;
    BOOST_TEST(desk.ask("GET", target).body == "{\"items\": [], \"next\": null}\n");
    const auto made = desk.ask("POST", target, anna);
    BOOST_TEST(made.status == 201u);
    BOOST_TEST(made.body == "{\"items\": [{\"kind\": \"em\", \"count\": 1}], \"next\": null}\n");
    BOOST_TEST(desk.ask("POST", target, anna).status == 200u);
    BOOST_TEST(desk.ask("POST", target, R"({"kind": "ph", "value": "+49 170 1234567"})").body ==
               "{\"items\": [{\"kind\": \"em\", \"count\": 1}, {\"kind\": \"ph\", \"count\": 1}], \"next\": null}\n");
    BOOST_TEST(desk.ask("DELETE", target, R"({"kind": "em", "value": "ben@mail.example"})").status == 404u);
    BOOST_TEST(desk.ask("DELETE", target, anna).body == "{\"removed\": 1}\n");
    BOOST_TEST(desk.ask("DELETE", target, R"({"kind": "em"})").body == "{\"removed\": 0}\n");
    BOOST_TEST(desk.ask("DELETE", target).body == "{\"removed\": 1}\n");
    BOOST_TEST(desk.get(target).at("items").as_array().empty());
}

BOOST_DATA_TEST_CASE(what_cannot_be_taken_is_a_problem_that_does_not_repeat_it, boost::unit_test::data::make(wrongs), w)
{
    Desk desk;
    desk.ask("POST", target, R"({"kind": "ph", "value": "+49 170 1234567"})");
    const auto reply = desk.ask(w.method, w.target, w.body);
    BOOST_TEST(reply.status == 400u);
    BOOST_TEST(!boost::json::parse(reply.body).at("detail").as_string().empty());
    BOOST_TEST(reply.body.find("anna") == std::string::npos);
    BOOST_TEST(desk.ask("GET", target).body == "{\"items\": [{\"kind\": \"ph\", \"count\": 1}], \"next\": null}\n");
}

BOOST_AUTO_TEST_CASE(a_row_of_csv_has_what_was_mine_behind_all_else)
{
    Desk desk;
    paravent::activity::Event event;
    event.destination = "www.facebook.com";
    event.mine = {"em", "ph"};
    desk.recorder->record(event, paravent::config::Privacy::events);
    const auto body = desk.ask("GET", "/api/v1/events.csv").body;
    BOOST_TEST(body.find(",seen,mine\r\n") != std::string::npos);
    BOOST_TEST(body.ends_with(",host,em;ph\r\n"));
}
