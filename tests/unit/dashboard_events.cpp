#include "tests/unit/dashboard_desk.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

std::string names(const boost::json::value& page)
{
    std::string out;
    for (const auto& item : page.at("items").as_array())
        out += (out.empty() ? "" : " ") + std::string(item.at("name").as_string());
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_event_has_the_keys_of_the_format_in_their_order)
{
    Desk desk;
    const auto id = desk.record("Purchase", "shop.example");
    const auto page = desk.get("/api/v1/events");
    const auto& event = page.at("items").at(0).as_object();
    std::string keys;
    for (const auto& [key, value] : event)
        keys += (keys.empty() ? "" : " ") + std::string(key);
    BOOST_TEST(keys == "id time device address site destination product account name automatic value currency "
                       "identifiers event_id limited_data_use verdict rule seen");
    BOOST_TEST(event.at("id").as_int64() == id);
    BOOST_TEST(event.at("time").as_string() == "2026-09-21T14:13:00.000Z"); // cut to the minute at this privacy
    BOOST_TEST(event.at("automatic").as_bool() == false);
    BOOST_TEST(event.at("seen").as_string() == "full");
    BOOST_TEST(desk.ask("GET", "/api/v1/events").body.find("\"value\": 59.5,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_cursor_leads_through_all_events_once)
{
    Desk desk;
    for (const char* name : {"A", "B", "C", "D", "E"})
        desk.record(name, "shop.example");
    std::string all, target = "/api/v1/events?limit=2";
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = desk.get(target);
        all += names(page) + "/";
        if (page.at("next").is_null())
            break;
        target = "/api/v1/events?limit=2&cursor=" + std::string(page.at("next").as_string());
    }
    BOOST_TEST(all == "E D/C B/A/");
}

BOOST_AUTO_TEST_CASE(events_are_chosen_by_site_device_product_verdict_time_and_text)
{
    Desk desk;
    desk.record("A", "shop.example", "aaaa", 1'790'000'000'000);
    desk.record("B", "news.example", "bbbb", 1'790'000'600'000);
    BOOST_TEST(names(desk.get("/api/v1/events?site=shop.example")) == "A");
    BOOST_TEST(names(desk.get("/api/v1/events?device=bbbb")) == "B");
    BOOST_TEST(names(desk.get("/api/v1/events?product=pixel&verdict=answer")) == "B A");
    BOOST_TEST(names(desk.get("/api/v1/events?verdict=block")) == "");
    BOOST_TEST(names(desk.get("/api/v1/events?from=1790000300")) == "B");
    BOOST_TEST(names(desk.get("/api/v1/events?to=2026-09-21T14:15:00Z")) == "A");
    BOOST_TEST(names(desk.get("/api/v1/events?q=NEWS")) == "B");
}

namespace {

struct Wrong {
    const char* target;
    const char* names; ///< stands in the problem's sentence
};
std::ostream& operator<<(std::ostream& out, const Wrong& wrong)
{
    return out << wrong.target;
}
const Wrong wrong[] = {
    {"/api/v1/events?limit=0", "limit"},
    {"/api/v1/events?limit=1001", "limit"},
    {"/api/v1/events?limit=ten", "limit"},
    {"/api/v1/events?limit=10x", "limit"},
    {"/api/v1/events?cursor=next", "cursor"},
    {"/api/v1/events?cursor=-1", "cursor"},
    {"/api/v1/events?from=yesterday", "from"},
    {"/api/v1/events?from=2026-13-01T00:00:00Z", "from"},
    {"/api/v1/events?to=2026-02-30T00:00:00Z", "to"},
    {"/api/v1/events?to=99999999999999999999", "to"},
    {"/api/v1/events?product=pixels", "product"},
    {"/api/v1/events?verdict=deny", "verdict"},
    {"/api/v1/events?site=a%20b", "site"},
    {"/api/v1/events?device=nobody", "device"},
    {"/api/v1/events?divice=aaaa", "divice"},
    {"/api/v1/events?limit=1&limit=2", "limit"},
    {"/api/v1/events?q=%zz", "percent"},
    {"/api/v1/stats?by=year", "by"},
    {"/api/v1/stats?limit=1", "limit"},
    {"/api/v1/status?verbose=1", "verbose"},
    {"/api/v1/why", "url"},
    {"/api/v1/why?url=ftp://a.example/", "url"},
    {"/api/v1/why?url=a.example&type=picture", "type"},
    {"/api/v1/why?url=a.example&profile=lax", "profile"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_value_that_cannot_be_used_is_named, boost::unit_test::data::make(wrong), c)
{
    Desk desk;
    const auto reply = desk.ask("GET", c.target);
    BOOST_TEST(reply.status == 400u);
    BOOST_TEST(boost::json::parse(reply.body).at("detail").as_string().find(c.names) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(csv_has_a_header_and_harmless_cells)
{
    Desk desk;
    desk.record("=HYPERLINK(\"http://evil.example\")", "shop.example");
    desk.record("two, \"words\"", "shop.example");
    desk.record("\x1b[31mred\n", "shop.example");
    const auto reply = desk.ask("GET", "/api/v1/events.csv");
    BOOST_TEST(
        reply.body.starts_with("id,time,device,address,site,page,destination,product,account,name,automatic,value,"
                               "currency,contents,custom,identifiers,device_facts,event_id,limited_data_use,"
                               "verdict,rule,seen,mine\r\n"));
    BOOST_TEST(reply.body.find("\"'=HYPERLINK(\"\"http://evil.example\"\")\"") != std::string::npos);
    BOOST_TEST(reply.body.find("\"two, \"\"words\"\"\"") != std::string::npos);
    BOOST_TEST(reply.body.find("em;ph") != std::string::npos);
    BOOST_TEST(reply.body.find('\x1b') == std::string::npos);
    BOOST_TEST(std::count(reply.body.begin(), reply.body.end(), '\n') == 4);
}

BOOST_AUTO_TEST_CASE(csv_beyond_its_limit_names_the_rest)
{
    Desk desk;
    for (const char* name : {"A", "B", "C"})
        desk.record(name, "shop.example");
    const auto reply = desk.ask("GET", "/api/v1/events.csv?limit=2&site=shop.example");
    std::string link;
    for (const auto& [name, value] : reply.fields)
        if (name == "Link")
            link = value;
    BOOST_TEST_REQUIRE(link.starts_with("</api/v1/events.csv?limit=2&site=shop.example&cursor="));
    const auto rest = desk.ask("GET", link.substr(1, link.find('>') - 1));
    BOOST_TEST(std::count(rest.body.begin(), rest.body.end(), '\n') == 2);
    BOOST_TEST(rest.body.find(",A,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(json_is_inert_and_valid_whatever_a_page_sent)
{
    Desk desk;
    desk.record("\x1b]0;x\x07 \xe2\x80\xae \xff <b>", "shop.example");
    const auto body = desk.ask("GET", "/api/v1/events").body;
    BOOST_TEST(body.find('\x1b') == std::string::npos);
    BOOST_TEST(body.find("\xe2\x80\xae") == std::string::npos);
    const auto page = boost::json::parse(body);
    const std::string name(page.at("items").at(0).at("name").as_string());
    BOOST_TEST(name.find("<b>") != std::string::npos);
    BOOST_TEST(name.find('\xff') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(forgetting_takes_what_was_asked_for_and_no_more)
{
    Desk desk;
    desk.record("A", "shop.example");
    desk.record("B", "news.example");
    BOOST_TEST(desk.ask("DELETE", "/api/v1/events?site=").status == 400u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/events?site=shop.example").body == "{\"forgotten\": 1}\n");
    BOOST_TEST(names(desk.get("/api/v1/events")) == "B");
    BOOST_TEST(desk.ask("DELETE", "/api/v1/events").body == "{\"forgotten\": 1}\n");
    BOOST_TEST(names(desk.get("/api/v1/events")) == "");
}

BOOST_AUTO_TEST_CASE(statistics_add_up_by_what_was_asked)
{
    Desk desk;
    desk.record("A", "shop.example");
    desk.record("B", "shop.example");
    const auto stats = desk.get("/api/v1/stats?by=site&from=2026-09-21T00:00:00Z&to=2026-09-22T00:00:00Z");
    BOOST_TEST(stats.at("by").as_string() == "site");
    BOOST_TEST(stats.at("total").at("answer").to_number<int>() == 2);
    BOOST_TEST(stats.at("rows").at(0).at("key").as_string() == "shop.example");
    BOOST_TEST(stats.at("rows").at(0).at("requests").to_number<int>() == 2);
    BOOST_TEST(desk.get("/api/v1/lists").at("items").at(0).at("hits").to_number<int>() == 2);
}

BOOST_AUTO_TEST_CASE(the_stream_brings_what_matches_from_now_on)
{
    Desk desk;
    desk.record("Before", "shop.example");
    const auto reply = desk.ask("GET", "/api/v1/events/stream?site=shop.example");
    BOOST_TEST_REQUIRE(reply.feed);
    BOOST_TEST(reply.feed->take() == ": listening\nretry: 3000\n\n");
    BOOST_TEST(reply.feed->take().empty());
    unsigned woken = 0;
    reply.feed->on_ready([&] { ++woken; });
    desk.record("Elsewhere", "news.example");
    BOOST_TEST(woken == 0u);
    const auto id = desk.record("Here", "shop.example");
    desk.record("There", "shop.example");
    BOOST_TEST(woken == 1u); // once after each take that came back empty
    const auto bytes = reply.feed->take();
    BOOST_TEST(bytes.starts_with("id: " + std::to_string(id) + "\ndata: {\"id\": "));
    BOOST_TEST(bytes.find("Before") == std::string::npos);
    BOOST_TEST(bytes.find("There") != std::string::npos);
    reply.feed->on_ready(nullptr);
    BOOST_TEST(reply.feed->take().empty());
    desk.record("Late", "shop.example");
    BOOST_TEST(woken == 1u);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_loses_events_and_is_told_how_many)
{
    Desk desk;
    const auto reply = desk.ask("GET", "/api/v1/events/stream");
    const std::string long_name(200, 'x');
    for (int i = 0; i < 1500; ++i)
        desk.record(long_name, "shop.example");
    const auto bytes = reply.feed->take();
    BOOST_TEST(bytes.size() < 300u * 1024);
    std::size_t events = 0;
    for (std::size_t at = 0; (at = bytes.find("\ndata: {\"id\"", at)) != std::string::npos; ++at)
        ++events;
    BOOST_TEST(bytes.ends_with("event: dropped\ndata: {\"dropped\": " + std::to_string(1500 - events) + "}\n\n"));
    desk.record("again", "shop.example");
    BOOST_TEST(reply.feed->take().find("again") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(of_a_flood_a_reader_however_fast_gets_a_part_and_is_told_of_the_rest)
{
    Desk desk;
    const auto reply = desk.ask("GET", "/api/v1/events/stream");
    std::size_t events = 0, dropped = 0;
    for (int i = 0; i < 10'000; ++i) {
        desk.record("flood", "shop.example");
        const auto bytes = reply.feed->take();
        for (std::size_t at = 0; (at = bytes.find("\ndata: {\"id\"", at)) != std::string::npos; ++at)
            ++events;
        constexpr std::string_view told = "{\"dropped\": ";
        for (std::size_t at = 0; (at = bytes.find(told, at)) != std::string::npos; ++at)
            dropped += std::stoull(bytes.substr(at + told.size()));
    }
    BOOST_TEST(events + dropped == 10'000u);
    BOOST_TEST(events >= 2000u);
    BOOST_TEST(events < 9000u);
}
