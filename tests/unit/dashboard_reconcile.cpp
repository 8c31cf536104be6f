// Meta's exports as the API tells of them, what was withheld in a month, and the dates for a calendar.
#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/time.hpp"
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

/// The advice in a list's row of a site.
std::string advice(const boost::json::value& body, const char* list, std::string_view site)
{
    for (const auto& row : body.at("lists").at(list).as_array())
        if (const auto* its = row.at("site").if_string(); its != nullptr && *its == site)
            return std::string(row.at("advice").as_string());
    return "not in the list";
}

bool names_the_list(const std::string& advice)
{
    return advice.find("its own list tells") != std::string::npos;
}

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

BOOST_AUTO_TEST_CASE(what_was_stopped_after_a_list_was_made_is_not_called_safe)
{
    Desk desk;
    // Its newest event is of the 1st; imported at once, and a week later by somebody who had it lie about.
    desk.imports->add("Ana", exported("a.example", "111", 1), november_ms + 2 * 3'600'000);
    desk.imports->add("Ben", exported("a.example", "111", 1), november_ms + 10 * day_ms);
    activity::MetaExport empty;
    empty.source = "facebook";
    empty.parts = {std::string(64, 'b')};
    desk.imports->add("Eve", empty, november_ms + 10 * day_ms);
    record(desk, "before.example", "PageView", 0, "", november_ms + 1000);
    record(desk, "soon.example", "PageView", 0, "", november_ms + 2 * day_ms);
    record(desk, "late.example", "PageView", 0, "", november_ms + 5 * day_ms);
    record(desk, "both.example", "PageView", 0, "", november_ms + 1000);
    record(desk, "both.example", "PageView", 0, "", november_ms + 5 * day_ms);
    const auto ana = desk.get("/api/v1/reconcile?person=Ana"), ben = desk.get("/api/v1/reconcile?person=Ben"),
               eve = desk.get("/api/v1/reconcile?person=Eve"), home = desk.get("/api/v1/reconcile");
    for (const auto* list : {"stopped", "only_here"})
        for (const auto* body : {&ana, &ben, &eve})
            BOOST_TEST(advice(*body, list, "before.example").starts_with("Nothing is to be done"));
    BOOST_TEST(names_the_list(advice(ana, "stopped", "soon.example")));
    BOOST_TEST(!names_the_list(advice(ben, "stopped", "soon.example"))); // a list may end with days of silence
    for (const auto* site : {"late.example", "both.example"}) {
        BOOST_TEST(names_the_list(advice(ana, "stopped", site)));
        BOOST_TEST(names_the_list(advice(ben, "stopped", site)));
        BOOST_TEST(names_the_list(advice(ben, "only_here", site)));
        BOOST_TEST(!names_the_list(advice(eve, "stopped", site))); // nothing tells that an empty list is older
    }
    BOOST_TEST(names_the_list(advice(ana, "only_here", "both.example")));
    BOOST_TEST(names_the_list(advice(home, "stopped", "before.example")));
    BOOST_TEST(ana.at("reach") == "2026-11-01T02:00:00.000Z");
    BOOST_TEST(ben.at("reach") == "2026-11-04T01:01:00.000Z");
    BOOST_TEST(eve.at("reach") == "2026-11-11T00:00:00.000Z");
    BOOST_TEST(home.at("reach").is_null());
}

BOOST_AUTO_TEST_CASE(a_list_is_compared_with_the_last_of_the_same_source)
{
    Desk desk;
    const auto of = [](const char* name, const char* source, char sum) {
        auto one = exported(name, "111", 1);
        one.source = source;
        one.parts = {std::string(64, sum)};
        return one;
    };
    desk.imports->add("Ana", of("a.example", "facebook", 'a'), november_ms);
    desk.imports->add("Ana", of("c.example", "instagram", 'b'), november_ms + 1);
    auto body = desk.get("/api/v1/reconcile?person=Ana");
    BOOST_TEST(body.at("import").at("id") == "i2");
    BOOST_TEST(body.at("previous").is_null());
    BOOST_TEST(body.at("change").is_null());
    desk.imports->add("Ana", of("b.example", "facebook", 'c'), november_ms + 2);
    body = desk.get("/api/v1/reconcile?person=Ana");
    BOOST_TEST(body.at("previous").at("id") == "i1");
    BOOST_TEST(body.at("change").at("gone").at(0) == "a.example");
}

BOOST_AUTO_TEST_CASE(companies_are_counted_and_not_their_numbers)
{
    Desk desk;
    auto two = exported("two.example", "111", 1);
    two.rows.push_back(exported("two.example", "222", 1).rows[0]);
    two.rows.push_back(exported("", "333", 1).rows[0]);
    two.rows.push_back(exported("", "444", 1).rows[0]);
    desk.imports->add("", two, november_ms);
    record(desk, "seen.example", "PageView", 0, "", november_ms);
    const auto body = desk.get("/api/v1/reconcile");
    BOOST_TEST(body.at("import").at("companies") == 3);
    BOOST_TEST(body.at("sentence").as_string().find("4 events of 3 companies") != std::string::npos);
    BOOST_TEST(body.at("totals").at("elsewhere").at("rows") == 4);
    BOOST_TEST(body.at("totals").at("elsewhere").at("companies") == 3);
    BOOST_TEST(body.at("totals").at("stopped").at("companies") == 1);
}

BOOST_AUTO_TEST_CASE(blanks_around_a_name_make_nobody_else)
{
    Desk desk;
    desk.imports->add("Ana", exported("a.example", "111", 1), november_ms);
    BOOST_TEST(desk.get("/api/v1/reconcile?person=%20Ana%20").at("import").at("id") == "i1");
    BOOST_TEST(desk.get("/api/v1/reconcile?person=%20").at("person") == "");
    const auto ticked =
        desk.ask("PATCH", "/api/v1/checklist", R"({"person": " Ana ", "id": "delete", "done": "2026-11-20"})");
    BOOST_TEST(boost::json::parse(ticked.body).at("people") == boost::json::value({"Ana"}));
    BOOST_TEST(desk.get("/api/v1/checklist?person=Ana%20").at("person") == "Ana");
    BOOST_TEST(desk.ask("GET", "/api/v1/checklist.ics?person=%20Ana").body.find("(Ana)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_import_that_is_not_there_is_told_with_those_that_are)
{
    Desk desk;
    BOOST_TEST(desk.ask("GET", "/api/v1/reconcile?person=Ana&import=i999").body.find("there are none") !=
               std::string::npos);
    desk.imports->add("Ana", exported("a.example", "111", 1), november_ms);
    desk.imports->add("", exported("a.example", "111", 1), november_ms);
    desk.imports->add("Ana", exported("b.example", "111", 1), november_ms);
    const auto reply = desk.ask("GET", "/api/v1/reconcile?person=Ana&import=i999");
    BOOST_TEST(reply.status == 404u);
    BOOST_TEST(reply.body.find("there are i3, i1") != std::string::npos);
    BOOST_TEST(reply.body.find("GET /api") == std::string::npos); // the command says the same
}

BOOST_AUTO_TEST_CASE(where_there_is_no_room_for_another_person_the_way_out_is_said)
{
    Desk desk;
    for (int i = 0; i < 50; ++i)
        desk.imports->add("p" + std::to_string(i), exported("a.example", "1", 1), november_ms);
    BOOST_TEST(desk.ask("POST", "/api/v1/import?person=Ana").status == 409u);
    BOOST_TEST(desk.ask("POST", "/api/v1/import?person=Ana").body.find("forget those of somebody") !=
               std::string::npos);
    BOOST_TEST(desk.ask("POST", "/api/v1/import?person=p1").body.find("missing or empty") != std::string::npos);
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

BOOST_AUTO_TEST_CASE(money_is_added_up_by_currency_however_it_is_written_and_written_in_plain_digits)
{
    Desk desk;
    record(desk, "shop.example", "Purchase", 999'999.5, "EUR", november_ms);
    record(desk, "shop.example", "Purchase", 0.5, "eur", november_ms + 1);
    record(desk, "shop.example", "Purchase", 123'456'789'000, "JPY", november_ms + 2);
    record(desk, "shop.example", "Purchase", 0.0001, "Usd", november_ms + 3);
    const auto body = desk.get("/api/v1/withheld?month=2026-11");
    BOOST_TEST(body.at("purchases").at("sums").as_array().size() == 3u);
    const auto csv = desk.ask("GET", "/api/v1/withheld.csv?month=2026-11").body;
    BOOST_TEST(csv == "site,product,event,events,currency,sum,identifiers\r\n"
                      "shop.example,pixel,Purchase,2,EUR,1000000.0,em\r\n"
                      "shop.example,pixel,Purchase,1,JPY,123456789000.0,em\r\n"
                      "shop.example,pixel,Purchase,1,USD,0.0001,em\r\n");
    const auto events = desk.ask("GET", "/api/v1/events.csv").body;
    BOOST_TEST(events.find(",123456789000.0,") != std::string::npos);
    BOOST_TEST(events.find(",0.0001,") != std::string::npos);
    BOOST_TEST(events.find("e+") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_day_to_come_is_not_done)
{
    Desk desk;
    const auto tick = [&](std::int64_t days_from_now) {
        const auto day = dashboard::day_text(dashboard::now_ms() / day_ms + days_from_now);
        return desk.ask("PATCH", "/api/v1/checklist", R"({"id": "view", "done": ")" + day + "\"}");
    };
    BOOST_TEST(tick(0).status == 200u);
    BOOST_TEST(tick(1).status == 200u); // today already, where the sun rises first
    BOOST_TEST(tick(2).status == 400u);
    BOOST_TEST(tick(2).body.find("is yet to come") != std::string::npos);
    BOOST_TEST(tick(1200).status == 400u);
}

BOOST_AUTO_TEST_CASE(each_persons_dates_are_entries_of_their_own_in_a_calendar)
{
    Desk desk;
    const auto uids = [&](const std::string& person) {
        desk.ask("PATCH", "/api/v1/checklist",
                 R"({"person": ")" + person + R"(", "id": "delete", "done": "2026-11-20"})");
        auto text = desk.ask("GET", "/api/v1/checklist.ics?person=" + person).body;
        for (std::size_t at = 0; (at = text.find("\r\n ", at)) != std::string::npos;)
            text.erase(at, 3);
        std::vector<std::string> found;
        for (std::size_t at = 0; (at = text.find("\r\nUID:", at)) != std::string::npos; ++at)
            found.push_back(text.substr(at, text.find("\r\n", at + 2) - at));
        return found;
    };
    std::vector<std::string> all;
    for (const auto* person : {"", "U1", "U2", "U3-2026"}) {
        const auto some = uids(person);
        BOOST_TEST(some.size() == 2u);
        BOOST_TEST(some == uids(person)); // taken again, it is the same entry
        all.insert(all.end(), some.begin(), some.end());
    }
    std::ranges::sort(all);
    BOOST_CHECK(std::ranges::adjacent_find(all) == all.end());
    BOOST_TEST(all.front().find("@paravent.local") == std::string::npos); // what every home would say
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
    const auto none = desk.ask("GET", "/api/v1/checklist.ics"); // a calendar has one entry at least (section 3.6)
    BOOST_TEST(none.status == 404u);
    BOOST_TEST(none.body.find("no date yet") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
