#include "proxy/activity/facts.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view graph = "https://graph.facebook.com/v19.0/1472749159700779/events";
constexpr std::string_view json = "application/json";

std::vector<Event> sent(std::string_view body, std::string_view type = json)
{
    return events_of(post(graph, type, body));
}

const std::string body = R"({"data":[
    {"event_name":"Purchase","event_time":1795511564,"event_id":"o-1","action_source":"website",
     "event_source_url":"https://www.shop.example/thanks?mail=x","user_data":{"em":["hash-of-mail"],"ph":[],
     "client_ip_address":"192.0.2.9","client_user_agent":"Agent/1.0","fbp":"fb.1.1.2","external_id":"customer-77"},
     "custom_data":{"value":"59.90","currency":"EUR","content_type":"product","order_id":12345678901234567890123,
     "contents":[{"id":4711,"quantity":"2","item_price":29.95}],"note":"for customer-77"},
     "data_processing_options":["LDU"],"data_processing_options_country":0},
    {"event_name":"Lead","event_time":1795511564,"action_source":"app","user_data":{"madid":"38400000-8cf0"},
     "custom_data":null,"data_processing_options":[],
     "app_data":{"extinfo":["a2","com.example","","","14","Pixel 8","de_DE","CET","Carrier"]}}],
    "access_token":"secret-token"})";

} // namespace

BOOST_AUTO_TEST_SUITE(conversions_api)

BOOST_AUTO_TEST_CASE(each_entry_of_the_list_is_an_event)
{
    const auto events = sent(body);
    BOOST_REQUIRE(events.size() == 2u);
    const auto& purchase = events[0];
    BOOST_TEST(name_of(purchase.product) == "conversions");
    BOOST_TEST(purchase.account == "1472749159700779");
    BOOST_TEST(purchase.name == "Purchase");
    BOOST_TEST(purchase.site == "shop.example");
    BOOST_TEST(purchase.page == "https://www.shop.example/thanks");
    BOOST_TEST(purchase.value.value() == 59.9);
    BOOST_TEST(purchase.currency == "EUR");
    BOOST_REQUIRE(purchase.contents.size() == 1u);
    BOOST_TEST(purchase.contents[0].id == "4711");
    BOOST_TEST(purchase.contents[0].quantity.value() == 2);
    BOOST_TEST(purchase.contents[0].item_price.value() == 29.95);
    BOOST_TEST(joined(purchase.identifiers) == "em client_ip_address client_user_agent fbp external_id");
    BOOST_REQUIRE(purchase.custom.size() == 2u); // the note names the customer
    BOOST_TEST(purchase.custom[1].second == "12345678901234567890123");
    BOOST_TEST(purchase.event_id);
    BOOST_TEST(purchase.limited_data_use);

    const auto& lead = events[1];
    BOOST_TEST(lead.name == "Lead");
    BOOST_TEST(lead.site == "");
    BOOST_TEST(joined(lead.identifiers) == "madid");
    BOOST_TEST(!lead.event_id);
    BOOST_TEST(!lead.limited_data_use);
    BOOST_REQUIRE(lead.device_facts.size() == 4u);
    BOOST_TEST(lead.device_facts[1].second == "14");
}

BOOST_AUTO_TEST_CASE(a_form_may_carry_the_list)
{
    const std::string form =
        "access_token=secret-token&data=%5B%7B%22event_name%22%3A%22Lead%22%7D%2C%7B%22event_name%22%3A"
        "%22Search%22%7D%5D";
    const auto events = sent(form, "application/x-www-form-urlencoded");
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[1].name == "Search");
    BOOST_TEST(sent(R"({"data":"[{\"event_name\":\"Lead\"}]"})").at(0).name == "Lead");
    BOOST_TEST(sent("--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n[{\"event_name\":\"Lead\"}]\r\n--b--",
                    "multipart/form-data; boundary=b")
                   .at(0)
                   .name == "Lead");
}

BOOST_AUTO_TEST_CASE(openbridge_posts_a_single_event)
{
    const std::string event = R"({"event_name":"AddToCart","fb.dynamic_product_ads":{},"custom_data":{"value":10,
        "currency":"USD","content_ids":"single"},"event_id":"ob3_plugin-set_1","fb.pixel_id":"77",
        "fb.advanced_matching":{"em":"hash-of-mail","chpv":"15.0"},"website_context":{"location":
        "https://www.shop.example/cart","referrer":"","isInIFrame":false},"fb.fbp":"fb.1.1.2","fb.clickID":"fb.1.1.x"})";
    for (const auto* url :
         {"https://gw.conversionsapigateway.com/events?cee=no", "https://x.cloud.example/events?cee=no"}) {
        const auto events = events_of(post(url, "text/plain", event));
        BOOST_REQUIRE(events.size() == 1u);
        BOOST_TEST(name_of(events[0].product) == "conversions");
        BOOST_TEST(events[0].account == "77");
        BOOST_TEST(events[0].name == "AddToCart");
        BOOST_TEST(events[0].site == "shop.example");
        BOOST_TEST(events[0].value.value() == 10);
        BOOST_TEST(events[0].contents.at(0).id == "single");
        BOOST_TEST(joined(events[0].identifiers) == "em fbp fbc");
        BOOST_TEST(events[0].event_id);
    }
}

BOOST_DATA_TEST_CASE(
    a_broken_piece_leaves_the_rest_of_its_event,
    data::make({R"("user_data":"x")", R"("user_data":[1,2])", R"("custom_data":[])",
                R"("custom_data":{"value":{},"currency":7e9999,"contents":"[{'id':1}]","contents":null})",
                R"("event_source_url":7)", R"("app_data":{"extinfo":"mb1"})", R"("event_id":"")",
                R"("data_processing_options":"")", R"("user_data":{"em":[null,{"a":1},[]],"":"x"})"}),
    piece)
{
    const auto events = sent(R"({"data":[7,"x",null,{"event_name":"Lead",)" + std::string{piece} + R"(}]})");
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(events[0].name == "Lead");
    BOOST_TEST(events[0].account == "1472749159700779");
    BOOST_TEST(events[0].identifiers.empty());
    BOOST_TEST(!events[0].value);
    BOOST_TEST(events[0].contents.empty());
}

BOOST_DATA_TEST_CASE(what_cannot_be_read_is_still_an_event,
                     data::make({"", "{", "null", "[]", "{}", R"({"data":[]})", R"({"data":7})", "\xff\xfe",
                                 "data=", "data=%7B", "[[[[", R"({"data":[[{"event_name":"X"}]]})"}),
                     text)
{
    const auto events = sent(text);
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(name_of(events[0].product) == "conversions");
    BOOST_TEST(events[0].account == "1472749159700779");
    BOOST_TEST(events[0].name == "");
}

BOOST_AUTO_TEST_CASE(H9_a_huge_or_deep_body_is_bounded)
{
    std::string many = R"({"data":[)";
    for (int i = 0; i < 5000; ++i)
        many += R"({"event_name":"Lead"},)";
    BOOST_TEST(sent(many).size() == max_events);
    BOOST_TEST(sent(R"({"data":)" + std::string(1'000'000, '[')).size() == 1u);
    std::string nodes = R"({"data":[{"event_name":"Lead","custom_data":{"a":[)";
    for (int i = 0; i < 1'000'000; ++i)
        nodes += "0,";
    const auto events = sent(nodes + "0]}}]}");
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(events[0].name == "Lead");
}

BOOST_AUTO_TEST_CASE(whom_it_is_about_is_not_told_by_the_shops_own_words)
{
    const std::string secret = "SECRET";
    for (const std::string custom :
         {R"("customer":{"first_name":"SECRET","phone":"+49SECRET"})", R"("list":[{"city":"SECRET"}])",
          R"("note":"jos\u00e9SECRET\u00e9@mail.example")", R"("note":"SECRET@b\u00fccher.example")",
          R"("note":"SECRET%2540mail.example")", R"("Phone":"SECRET")", R"("customer_id":"SECRET")",
          R"("currency":"SECRET")", R"("content_ids":["cust-SECRET"])", R"("contents":[{"id":"cust-SECRET"}])"}) {
        const auto events =
            sent(R"({"data":[{"event_name":"Lead","user_data":{"external_id":"cust-SECRET"},"custom_data":{)" + custom +
                 "}}]}");
        BOOST_REQUIRE(events.size() == 1u);
        std::string all = events[0].currency;
        for (const auto& [key, value] : events[0].custom)
            all += key + value;
        for (const auto& content : events[0].contents)
            all += content.id;
        BOOST_TEST(all.find(secret) == std::string::npos, custom);
    }
}

BOOST_AUTO_TEST_SUITE_END()
