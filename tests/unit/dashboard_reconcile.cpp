// Meta's exports as the API tells of them, what was withheld in a month, and the dates for a calendar.
#include "tests/unit/dashboard_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace paravent;

namespace {

constexpr std::int64_t november_ms = 1'793'491'200'000; // 2026-11-01

/// Of one company, three days of November 2026.
activity::MetaExport exported(const std::string& name, const std::string& account, std::uint32_t events)
{
    activity::ExportRow row;
    row.name = name;
    row.account = account;
    row.types = {{"PURCHASE", events}};
    row.first_s = november_ms / 1000 + 3600;
    row.last_s = row.first_s + 60;
    activity::count(row.days, activity::day_of(row.first_s), events);
    activity::count(row.months, activity::month_of(row.first_s), events);
    activity::MetaExport out;
    out.source = "facebook";
    out.parts = {std::string(64, 'a')};
    out.rows.push_back(std::move(row));
    return out;
}

void record(Desk& desk, const std::string& site, const std::string& name, double value, const std::string& currency,
            std::int64_t time_ms, rules::Action verdict = rules::Action::answer)
{
    activity::Event event;
    event.time_ms = time_ms;
    event.device = "aaaa";
    event.site = site;
    event.destination = "www.facebook.com";
    event.product = activity::Product::pixel;
    event.account = "1472749159700779";
    event.name = name;
    if (value > 0)
        event.value = value;
    event.currency = currency;
    event.identifiers = {"em"};
    event.verdict = verdict;
    event.rule = "meta/pixel-event";
    event.seen_full = true;
    desk.recorder->record(std::move(event), config::Privacy::events);
}

} // namespace

BOOST_AUTO_TEST_SUITE(reconcile_calls)

BOOST_AUTO_TEST_CASE(without_an_export_it_says_what_to_do)
{
    Desk desk;
    desk.record("Purchase", "shop.example", "aaaa", november_ms);
    const auto body = desk.get("/api/v1/reconcile");
    BOOST_TEST(body.at("import").is_null());
    BOOST_TEST(body.at("sentence").as_string().find("download it there") != std::string::npos);
    BOOST_TEST(body.at("totals").at("stopped").at("events").as_int64() == 1);
    BOOST_TEST(body.at("totals").at("only_here").at("events").as_int64() == 0); // there is nothing to miss it in
    BOOST_TEST(body.at("lists").at("stopped").at(0).at("advice").as_string().find("its own list") != std::string::npos);
    BOOST_TEST(body.at("seen").at("from").as_string() == "2026-11-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_person_has_own_imports_and_the_last_is_compared_with_the_one_before)
{
    Desk desk;
    desk.imports->add("Ana", exported("old.example", "111", 9), november_ms, [](const auto&) { return 9u; });
    desk.imports->add("Ana", exported("shop.example", "222", 2), november_ms + 1);
    desk.imports->add("", exported("home.example", "333", 1), november_ms + 2);
    record(desk, "shop.example", "Purchase", 0, "", november_ms);
    const auto body = desk.get("/api/v1/reconcile?person=Ana");
    BOOST_TEST(body.at("import").at("id").as_string() == "i2");
    BOOST_TEST(body.at("previous").at("id").as_string() == "i1");
    BOOST_TEST(body.at("people").as_array().size() == 2u);
    BOOST_TEST(body.at("change").at("elsewhere_before").as_int64() == 9);
    BOOST_TEST(body.at("change").at("elsewhere_now").is_null());
    BOOST_TEST(body.at("change").at("new").at(0).as_string() == "shop.example");
    BOOST_TEST(body.at("change").at("gone").at(0).as_string() == "old.example");
    const auto& row = body.at("lists").at("elsewhere").at(0);
    BOOST_TEST(row.at("probably").as_bool());
    BOOST_TEST(row.at("reasons").at(0).at("reason").as_string() == "same_day");
    BOOST_TEST(desk.get("/api/v1/reconcile?person=Ana&import=i1").at("previous").is_null());
    BOOST_TEST(desk.ask("GET", "/api/v1/reconcile?person=Ana&import=i3").status == 404u);
    BOOST_TEST(desk.ask("GET", "/api/v1/reconcile?person=%0A").status == 400u);
}

BOOST_AUTO_TEST_CASE(an_import_is_begun_by_its_head_and_wrong_wishes_are_refused_before_the_body)
{
    Desk desk;
    const auto begins = [&](const std::string& target) {
        auto request = Desk::request("POST", target);
        request.fields.emplace_back("Authorization", "Bearer secret");
        return desk.api->begins(request);
    };
    BOOST_TEST(begins("/api/v1/import?to=i9").refusal.value().status == 404u);
    BOOST_TEST(begins("/api/v1/import?person=a%0Ab").refusal.value().status == 400u);
    BOOST_TEST(begins("/api/v1/import?nothing=1").refusal.value().status == 400u);
    const auto missing = begins("/api/v1/import").refusal.value(); // the program is not there
    BOOST_TEST(missing.status == 503u);
    BOOST_TEST(missing.body.find("no-such-program") != std::string::npos);
    BOOST_TEST(desk.ask("POST", "/api/v1/import").status == 400u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/import?id=i1").status == 404u);
}

BOOST_AUTO_TEST_CASE(to_forget_everything_forgets_imports_too)
{
    Desk desk;
    desk.imports->add("Ana", exported("shop.example", "1", 1), november_ms);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/events?site=shop.example").status == 200u);
    BOOST_TEST(desk.imports->all().size() == 1u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/events").status == 200u);
    BOOST_TEST(desk.imports->all().empty());
}

BOOST_AUTO_TEST_CASE(what_was_withheld_is_added_up_by_currency_and_only_of_that_month)
{
    Desk desk;
    record(desk, "shop.example", "Purchase", 59.1, "EUR", november_ms);
    record(desk, "shop.example", "Purchase", 0.2, "EUR", november_ms + 1000);
    record(desk, "shop.example", "Purchase", 10, "USD", november_ms + 2000);
    record(desk, "shop.example", "AddToCart", 5, "EUR", november_ms + 3000);
    record(desk, "shop.example", "AddToCart", 1e305, "EUR", november_ms + 3001); // no price
    record(desk, "=evil.example", "PageView", 0, "", november_ms + 4000);
    record(desk, "shop.example", "Purchase", 1000, "EUR", november_ms - 1);
    record(desk, "shop.example", "Purchase", 1000, "EUR", november_ms + 30LL * 86'400'000);
    record(desk, "shop.example", "Purchase", 1000, "EUR", november_ms + 5000, rules::Action::allow);
    const auto body = desk.get("/api/v1/withheld?month=2026-11");
    BOOST_TEST(body.at("events").as_int64() == 6);
    BOOST_TEST(body.at("purchases").at("events").as_int64() == 3);
    const auto& sums = body.at("purchases").at("sums").as_array();
    BOOST_REQUIRE(sums.size() == 2u);
    BOOST_TEST(sums[0].at("currency").as_string() == "EUR");
    BOOST_TEST(sums[0].at("sum").to_number<double>() == 59.3); // not 59.300000000000004
    BOOST_TEST(body.at("identifiers").at(0).at("events").as_int64() == 6);
    BOOST_TEST(body.at("sites").at(0).at("site").as_string() == "shop.example");
    BOOST_TEST(body.at("sites").at(0).at("purchases").as_int64() == 3);
    for (const auto* month : {"2026-13", "2026-1", "2026", "", "1969-01", "2026-11-01"})
        BOOST_TEST(desk.ask("GET", std::string("/api/v1/withheld?month=") + month).status == 400u);

    const auto csv = desk.ask("GET", "/api/v1/withheld.csv?month=2026-11").body;
    BOOST_TEST(csv == "site,product,event,events,currency,sum,identifiers\r\n"
                      "'=evil.example,pixel,PageView,1,,,em\r\n"
                      "shop.example,pixel,AddToCart,1,EUR,5.0,em\r\n"
                      "shop.example,pixel,AddToCart,1,,,em\r\n"
                      "shop.example,pixel,Purchase,2,EUR,59.3,em\r\n"
                      "shop.example,pixel,Purchase,1,USD,10.0,em\r\n");
}

BOOST_AUTO_TEST_CASE(dates_of_the_checklist_for_a_calendar)
{
    Desk desk;
    BOOST_TEST(
        desk.ask(
                "PATCH", "/api/v1/checklist",
                R"({"person": "Zoë, B; \\ and a very long name indeed, longer than a line", "id": "delete", "done": "2026-11-20"})")
            .status == 200u);
    const auto reply = desk.ask("GET", "/api/v1/"
                                       "checklist.ics?person=Zo%C3%AB%2C%20B%3B%20%5C%20and%20a%20very%20long%20name%"
                                       "20indeed%2C%20longer%20than%20a%20line");
    BOOST_TEST(reply.status == 200u);
    const auto& text = reply.body;
    BOOST_TEST(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    BOOST_TEST(text.find("DTSTART;VALUE=DATE:20261220\r\n") != std::string::npos);
    BOOST_TEST(text.find("DTSTART;VALUE=DATE:20270218\r\n") != std::string::npos);
    for (std::size_t at = 0, end = 0; (end = text.find("\r\n", at)) != std::string::npos; at = end + 2)
        BOOST_TEST(end - at <= 75u);
    std::string unfolded = text;
    for (std::size_t at = 0; (at = unfolded.find("\r\n ", at)) != std::string::npos;)
        unfolded.erase(at, 3);
    BOOST_TEST(unfolded.find("(Zoë\\, B\\; \\\\ and a very") != std::string::npos);
    BOOST_TEST(desk.ask("GET", "/api/v1/checklist.ics").body.find("VEVENT") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
