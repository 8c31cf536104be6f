#include "proxy/activity/batch.hpp"
#include "proxy/activity/facts.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view activities = "https://graph.facebook.com/v19.0/123/activities";
constexpr std::string_view root = "https://graph.facebook.com/";
constexpr std::string_view form = "application/x-www-form-urlencoded";

const std::string list =
    R"([{"_eventName":"fb_mobile_purchase","_logTime":1795511564,"_valueToSum":59.9,"fb_currency":"EUR",
    "fb_content":"[{\"id\":\"42\",\"quantity\":1,\"item_price\":59.9}]","fb_content_type":"product","_session_id":"s-77",
    "_ui":"Checkout","who":"anon-77777"},
    {"_eventName":"fb_mobile_activate_app","_implicitlyLogged":"1","_valueToSum":93},
    {"_eventName":"fb_mobile_content_view","fb_content_id":"[\"a\",7]"}])";

std::string part(std::string_view head, std::string_view value)
{
    return "--XyZ\r\nContent-Disposition: form-data; " + std::string{head} + "\r\n\r\n" + std::string{value} + "\r\n";
}

const std::string shared_parts =
    part("name=\"event\"", "CUSTOM_APP_EVENTS") + part("name=\"anon_id\"", "anon-77777") +
    part("name=\"advertiser_id\"", "00000000-0000-0000-0000-000000000000") +
    part("name=\"application_package_name\"", "com.example") +
    part("name=\"extinfo\"", R"(["a2","com.example",1,"1.0","14","Pixel 8","de_DE","CET","Carrier",1080])") +
    part("name=\"data_processing_options\"", R"(["LDU"])");

void check(const std::vector<Event>& events)
{
    BOOST_REQUIRE(events.size() == 3u);
    const auto& purchase = events[0];
    BOOST_TEST(name_of(purchase.product) == "app_events");
    BOOST_TEST(purchase.account == "123");
    BOOST_TEST(purchase.name == "fb_mobile_purchase");
    BOOST_TEST(purchase.value.value() == 59.9);
    BOOST_TEST(purchase.currency == "EUR");
    BOOST_TEST(purchase.contents.at(0).id == "42");
    const std::vector<std::pair<std::string, std::string>> custom = {{"fb_content_type", "product"},
                                                                     {"_ui", "Checkout"}};
    BOOST_TEST((purchase.custom == custom));
    BOOST_TEST(joined(purchase.identifiers) == "anon_id");
    const std::vector<std::pair<std::string, std::string>> facts = {
        {"app", "com.example"}, {"os", "14"}, {"model", "Pixel 8"}, {"carrier", "Carrier"}};
    BOOST_TEST((purchase.device_facts == facts)); // an advertiser's id of zeros is none
    BOOST_TEST(purchase.limited_data_use);
    BOOST_TEST(!purchase.automatic);
    BOOST_TEST(events[1].automatic);
    BOOST_TEST(!events[1].value); // seconds
    BOOST_TEST(events[2].contents.at(1).id == "7");
}

std::string escaped(std::string_view text)
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return out;
}

const std::string shared_fields =
    "event=CUSTOM_APP_EVENTS&anon_id=anon-77777&advertiser_id=00000000-0000-0000-0000-000000000000"
    "&application_package_name=com.example&data_processing_options=" +
    escaped(R"(["LDU"])") + "&extinfo=" + escaped(R"(["a2","com.example",1,"1.0","14","Pixel 8","","","Carrier"])");

} // namespace

BOOST_AUTO_TEST_SUITE(reports_of_apps)

BOOST_AUTO_TEST_CASE(a_report_is_read_however_it_is_written)
{
    check(events_of(post(activities, form, shared_fields + "&custom_events=" + escaped(list))));
    check(events_of(
        post("https://graph.facebook.com/123/activities?" + shared_fields, "", "custom_events_file=" + escaped(list))));
    check(events_of(post(activities, "multipart/form-data; boundary=XyZ",
                         shared_parts +
                             part("name=\"custom_events_file\"; filename=\"custom_events_file\"\r\nContent-Type: "
                                  "content/unknown",
                                  list) +
                             "--XyZ--")));
    check(
        events_of(post(activities, "application/json",
                       R"({"event":"CUSTOM_APP_EVENTS","anon_id":"anon-77777","application_package_name":"com.example",
        "data_processing_options":["LDU"],"advertiser_id":"00000000-0000-0000-0000-000000000000",
        "extinfo":["a2","com.example",1,"1.0","14","Pixel 8","","","Carrier"],"custom_events":)" +
                           list + "}")));
}

BOOST_AUTO_TEST_CASE(a_report_without_custom_events_has_the_name_of_its_kind)
{
    const auto events = events_of(post(activities, form,
                                       "event=MOBILE_APP_INSTALL&advertiser_id=38400000-8cf0-11bd&device_token=t"
                                       "&extinfo=%5B%22mb1%22%5D&ud%5Bem%5D=x&app_user_id="));
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(events[0].name == "MOBILE_APP_INSTALL");
    BOOST_TEST(joined(events[0].identifiers) == "madid device_token em");
    BOOST_REQUIRE(events[0].device_facts.size() == 1u);
    BOOST_TEST(events[0].device_facts[0].first == "advertiser_id");
}

BOOST_AUTO_TEST_CASE(a_list_that_breaks_off_gives_what_came_before)
{
    const auto text =
        "event=CUSTOM_APP_EVENTS&custom_events=" + escaped(list.substr(0, list.find("fb_mobile_content")));
    const auto events = events_of(post(activities, form, text, true));
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[1].name == "fb_mobile_activate_app");
}

BOOST_AUTO_TEST_CASE(the_audience_network_tells_the_device)
{
    for (
        const auto* body :
        {"payload=%7B%22BUNDLE%22%3A%22com.example%22%2C%22IDFA%22%3A%2238400000-8cf0%22%2C%22MODEL%22%3A%22Pixel+8%22%"
         "2C"
         "%22CARRIER%22%3A%22Carrier%22%2C%22OSVERS%22%3A14%2C%22VALPARAMS%22%3A%7B%7D%7D",
         "BUNDLE=com.example&IDFA=38400000-8cf0&MODEL=Pixel+8&CARRIER=Carrier&OSVERS=14",
         R"({"payload":{"BUNDLE":"com.example","IDFA":"38400000-8cf0","MODEL":"Pixel 8","CARRIER":"Carrier","OSVERS":14}})",
         // As its SDK sends it: {"context":{"BUNDLE":…}}.
         "payload=%7B%22context%22%3A%7B%22BUNDLE%22%3A%22com.example%22%2C%22IDFA%22%3A%2238400000-8cf0%22%2C%22MODEL"
         "%22%3A%22Pixel+8%22%2C%22CARRIER%22%3A%22Carrier%22%2C%22OSVERS%22%3A%2214%22%7D%7D",
         R"({"payload":{"context":{"BUNDLE":"com.example","IDFA":"38400000-8cf0","MODEL":"Pixel 8","CARRIER":"Carrier","OSVERS":14}}})",
         R"({"payload":"{\"context\":{\"BUNDLE\":\"com.example\",\"IDFA\":\"38400000-8cf0\",\"MODEL\":\"Pixel 8\",\"CARRIER\":\"Carrier\",\"OSVERS\":14}}"})"})
        for (const auto* url : {"https://www.facebook.com/adnw_sync2", "https://web.facebook.com/adnw_sync",
                                "https://graph.facebook.com/network_ads_common"}) {
            const auto events = events_of(post(url, form, body));
            BOOST_REQUIRE(events.size() == 1u);
            BOOST_TEST(name_of(events[0].product) == "audience_network");
            BOOST_TEST(events[0].name == "");
            const std::vector<std::pair<std::string, std::string>> facts = {{"app", "com.example"},
                                                                            {"os", "14"},
                                                                            {"model", "Pixel 8"},
                                                                            {"carrier", "Carrier"},
                                                                            {"advertiser_id", "true"}};
            BOOST_TEST((events[0].device_facts == facts));
            BOOST_TEST(joined(events[0].identifiers) == "madid");
        }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(batches)

namespace {
const std::string batch =
    R"([{"method":"POST","relative_url":"v19.0\/11\/activities?event=MOBILE_APP_INSTALL&anon_id=x"} ,
    {"method":"GET","relative_url":"me?fields=id,name"},{"method":"POST","relative_url":"/22/activities","body":
    "event=CUSTOM_APP_EVENTS&custom_events=%5B%7B%22_eventName%22%3A%22a%22%7D%2C%7B%22_eventName%22%3A%22b%22%7D%5D"},
    {"method":"POST","relative_url":"33\/activities","body":"event=CUSTOM_APP_EVENTS","attached_files":"file0"}])";

void check_batch(const Seen& seen)
{
    const auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 4u);
    BOOST_TEST(events[0].account == "11");
    BOOST_TEST(events[0].name == "MOBILE_APP_INSTALL");
    BOOST_TEST(events[1].name == "a");
    BOOST_TEST(events[2].name == "b");
    BOOST_TEST(events[2].account == "22");
    BOOST_TEST(events[3].account == "33");
}
} // namespace

BOOST_AUTO_TEST_CASE(each_part_that_tells_something_is_its_own_events)
{
    check_batch(post(root, form, "access_token=secret&batch=" + escaped(batch)));
    check_batch(post("https://graph.facebook.com/v19.0?batch=" + escaped(batch), "", ""));
    check_batch(post("https://graph.facebook.com/v19.0/", "application/json", R"({"batch":)" + batch + "}"));
    check_batch(post(root, "application/json", batch));
    const auto with_file = part("name=\"batch\"", batch) +
                           part("name=\"file0\"; filename=\"file0\"", R"([{"_eventName":"from_file"}])") + "--XyZ--";
    const auto seen = post(root, "multipart/form-data; boundary=XyZ", with_file);
    check_batch(seen);
    BOOST_TEST(events_of(seen)[3].name == "from_file");
}

BOOST_AUTO_TEST_CASE(a_batch_of_logins_alone_is_one)
{
    const auto events = events_of(post(root, form, "batch=" + escaped(R"([{"method":"GET","relative_url":"me"}])")));
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(name_of(events[0].product) == "login");
}

BOOST_AUTO_TEST_CASE(a_batch_tells_its_parts_and_where_they_stand)
{
    const auto found = batch_of(post(root, form, "batch=" + escaped(batch)));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->whole);
    BOOST_TEST(found->json == batch);
    BOOST_REQUIRE(found->parts.size() == 4u);
    const auto& login = found->parts[1];
    BOOST_TEST(login.index == 1u);
    BOOST_TEST(login.method == "GET");
    BOOST_TEST(login.path == "/me");
    BOOST_TEST(login.query == "fields=id,name");
    BOOST_TEST(batch.substr(login.at, login.size) == R"({"method":"GET","relative_url":"me?fields=id,name"})");
    BOOST_TEST(found->parts[0].path == "/v19.0/11/activities");
    BOOST_TEST(found->parts[2].body.starts_with("event=CUSTOM_APP_EVENTS&custom_events="));
    for (const auto& one : found->parts) {
        BOOST_TEST(batch[one.at] == '{');
        BOOST_TEST(batch[one.at + one.size - 1] == '}');
    }
    BOOST_TEST(!batch_of(post(root, form, "method=GET")).has_value());
    BOOST_TEST(!batch_of(post(activities, form, "batch=[]")).has_value());
}

BOOST_DATA_TEST_CASE(a_batch_that_is_not_understood_is_not_whole,
                     data::make({"[", "{}", "7", "[7]", "[{}]", R"([{"relative_url":7}])",
                                 R"([{"relative_url":"a"},{"relative_url":"b")"}),
                     text)
{
    const auto body = "batch=" + escaped(text);
    const auto seen = post(root, form, body);
    BOOST_TEST(!batch_of(seen)->whole);
    const auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(events[0].body_cut);
}

BOOST_AUTO_TEST_CASE(H9_ten_thousand_parts_are_judged_as_one)
{
    std::string many = "[";
    for (int i = 0; i < 10'000; ++i)
        many += R"({"method":"POST","relative_url":"1/activities?event=X"},)";
    many.back() = ']';
    const auto found = batch_of(post(root, "application/json", many));
    BOOST_TEST(!found->whole);
    BOOST_TEST(found->parts.size() == max_batch_parts);
    BOOST_TEST(events_of(post(root, form, "batch=" + escaped(many))).size() == max_batch_parts);
}

BOOST_AUTO_TEST_SUITE_END()
