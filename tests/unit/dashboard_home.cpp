// Settings of the home, the day's summary, the checklist, a HAR dropped on the page, metrics.
#include "tests/unit/dashboard_desk.hpp"

#include "proxy/dashboard/checklist_file.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(home_calls)

BOOST_FIXTURE_TEST_CASE(settings_are_the_files_until_the_owner_says_otherwise_and_again_after_null, Desk)
{
    BOOST_TEST(get("/api/v1/settings").at("retention") == "30d");
    const auto changed = json::parse(
        ask("PATCH", "/api/v1/settings", R"({"profile": "strict", "retention": "7d", "language": "fr"})").body);
    BOOST_TEST(changed.at("profile") == "strict");
    BOOST_TEST(changed.at("retention") == "7d");
    BOOST_TEST(changed.at("from_file").at("retention") == "30d");
    BOOST_TEST(changed.at("changed") == json::value({"profile", "retention"}));
    BOOST_TEST(retentions == 1u);
    BOOST_TEST((policy->meet("192.168.1.20")->device.profile == config::Profile::strict));
    const auto back = json::parse(ask("PATCH", "/api/v1/settings", R"({"profile": null, "retention": null})").body);
    BOOST_TEST(back.at("profile") == "standard");
    BOOST_TEST(back.at("changed") == json::array{});
    for (const auto* wrong :
         {R"({"profile": "lax"})", R"({"retention": "soon"})", R"({"retention": 7})", R"({"language": "de"})",
          R"({"paused_until": "later"})", R"({"colour": "red"})", "[]", "{"})
        BOOST_TEST(ask("PATCH", "/api/v1/settings", wrong).status == 400u, wrong);
}

BOOST_FIXTURE_TEST_CASE(the_day_names_the_event_that_told_most_and_devices_whose_sign_in_may_fail, Desk)
{

    const auto phone = policy->meet("192.168.1.20")->device.id;
    record("PageView", "news.example", phone, now);
    record("Purchase", "shop.example", phone, now - 1000);
    record("Purchase", "old.example", phone, now - 3 * 86'400'000LL);
    activity::Event loader;
    loader.time_ms = now - 5000;
    loader.device = phone;
    loader.destination = "connect.facebook.net";
    loader.product = activity::Product::loader;
    loader.verdict = rules::Action::block;
    recorder->record(loader, config::Privacy::events);
    const std::string range = "?from=" + std::to_string(now / 1000 - 86'400) + "&to=" + std::to_string(now / 1000 + 60);
    auto today = get("/api/v1/today" + range);
    BOOST_TEST(today.at("strongest").at("site") == "shop.example");
    BOOST_TEST(today.at("unseen_sites") == 1);
    BOOST_TEST(today.at("events") == 3);
    BOOST_TEST(today.at("login_hints").at(0).at("device").as_string() == phone);
    ask("PATCH", "/api/v1/devices/" + phone, R"({"facebook_login": true})");
    BOOST_TEST(get("/api/v1/today" + range).at("login_hints") == json::array{});
    BOOST_TEST(get("/api/v1/today?from=1600000000&to=1600000060").at("strongest").is_null());
}

BOOST_FIXTURE_TEST_CASE(the_checklist_keeps_who_did_what_and_says_what_comes_of_it, Desk)
{
    BOOST_TEST(get("/api/v1/checklist").at("items").as_array().size() == dashboard::steps().steps.size());
    const auto mine = json::parse(
        ask("PATCH", "/api/v1/checklist", R"({"person": "Zoé", "id": "delete", "done": "2026-11-20"})").body);
    BOOST_TEST(mine.at("people") == json::value({"Zoé"}));
    for (const auto& item : mine.at("items").as_array())
        if (item.at("id") == "delete") {
            BOOST_TEST(item.at("done") == "2026-11-20");
            BOOST_TEST(item.at("due").at(0).at("date") == "2026-12-20");
            BOOST_TEST(item.at("due").at(1).at("date") == "2027-02-18");
        }
    const auto homes = get("/api/v1/checklist"); // is another
    for (const auto& item : homes.at("items").as_array())
        BOOST_TEST(item.at("done").is_null());
    for (const auto* wrong : {R"({"id": "delete"})", R"({"id": "delete", "done": "2026-02-30"})",
                              R"({"id": "delete", "done": "yesterday"})", R"({"id": "other", "done": null})",
                              R"({"id": "delete", "done": null, "person": "a\nb"})"})
        BOOST_TEST(ask("PATCH", "/api/v1/checklist", wrong).status == 400u, wrong);
    ask("PATCH", "/api/v1/checklist", R"({"person": "Zoé", "id": "delete", "done": null})");
    BOOST_TEST(get("/api/v1/checklist").at("people") == json::array{});
}

BOOST_FIXTURE_TEST_CASE(the_checklist_is_for_so_many_people_and_no_more, Desk)
{
    const auto tick = [&](std::size_t who) {
        return ask("PATCH", "/api/v1/checklist",
                   R"({"person": "p)" + std::to_string(who) + R"(", "id": "delete", "done": "2026-11-20"})")
            .status;
    };
    for (std::size_t who = 0; who < dashboard::most_people; ++who)
        BOOST_TEST(tick(who) == 200u);
    BOOST_TEST(tick(dashboard::most_people) == 409u);
    BOOST_TEST(tick(0) == 200u); // who is there already goes on
}

BOOST_FIXTURE_TEST_CASE(a_broken_checklist_is_told_and_left_alone, Desk)
{
    std::ofstream(folder / "checklist.json") << "{";
    const auto reply = ask("PATCH", "/api/v1/checklist", R"({"id": "view", "done": "2026-11-20"})");
    BOOST_TEST(reply.status == 500u);
    BOOST_TEST(reply.body.find("checklist.json") != std::string::npos);
    BOOST_TEST(std::filesystem::file_size(folder / "checklist.json") == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_har_is_decoded_and_a_wrong_one_named_by_its_line, Desk)
{
    const auto answer =
        json::parse(ask("POST", "/api/v1/decode", R"({"log": {"entries": [{"request": {"method": "GET", "url":
            "https://www.facebook.com/tr?id=1&ev=Purchase&cd[value]=59&cd[currency]=EUR&dl=https%3A%2F%2Fshop.example%2F"}},
            {"request": {"method": "GET", "url": "https://shop.example/"}}]}})")
                        .body);
    BOOST_TEST(answer.at("items").as_array().size() == 1u);
    BOOST_TEST(answer.at("items").at(0).at("site") == "shop.example");
    BOOST_TEST(answer.at("items").at(0).at("request") == 1);
    for (const auto* wrong : {"", "{", "{}", "[]", "{\"log\": {}}", "{\"log\": {\"entries\": [{}]}}"}) {
        const auto reply = ask("POST", "/api/v1/decode", wrong);
        BOOST_TEST(reply.status == 400u, wrong);
        BOOST_TEST(reply.body.find("line 1") != std::string::npos, reply.body);
    }
}

BOOST_FIXTURE_TEST_CASE(metrics_count_what_was_judged, Desk)
{
    record("Purchase", "shop.example");
    const auto text = ask("GET", "/metrics").body;
    BOOST_TEST(text.find("paravent_requests_total{verdict=\"answer\"} 1\n") != std::string::npos);
    BOOST_TEST(text.find("paravent_list_rules{list=\"pixel-event\"} 3\n") != std::string::npos);
    BOOST_TEST(text.find("shop.example") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
