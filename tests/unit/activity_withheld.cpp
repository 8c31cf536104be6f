#include "proxy/activity/facts.hpp"
#include "proxy/activity/identifying.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

// What somebody is known by stands in a request more than once: as an identifier, and again in what looks like goods, a
// page or a shop's own words.

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded";
constexpr std::string_view json = "application/json";

Event one(const Seen& seen)
{
    auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 1u);
    return std::move(events[0]);
}

Event pixel(const std::string& fields, std::string_view page = {}, std::string_view cookies = {})
{
    auto seen = post("https://www.facebook.com/tr/", form, fields);
    seen.page = page;
    seen.cookies = cookies;
    return one(seen);
}

Event from_server(const std::string& members)
{
    return one(
        post("https://graph.facebook.com/v19.0/1/events", json, R"({"data":[{"event_name":"Lead",)" + members + "}]}"));
}

Event from_app(const std::string& item)
{
    return one(post("https://graph.facebook.com/v19.0/1/activities", form,
                    "event=CUSTOM_APP_EVENTS&advertiser_id=deadbeef-1111-4222-8333-abcdefabcdef"
                    "&app_user_id=APPUSERPLANT&anon_id=ANONPLANT&custom_events=[{\"_eventName\":\"A\"," +
                        item + "}]"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(withheld)

BOOST_DATA_TEST_CASE(an_apps_goods_are_never_whom_it_knows,
                     data::make({R"("fb_content_id":"deadbeef-1111-4222-8333-abcdefabcdef")",
                                 R"("fb_content_id":"APPUSERPLANT")", R"("fb_content_id":["ANONPLANT"])",
                                 R"("fb_content_id":"[\"ANONPLANT\"]")", R"("fb_content":"[{\"id\":\"ANONPLANT\"}]")",
                                 R"("fb_content":[{"id":"for APPUSERPLANT"}])"}),
                     item)
{
    const auto text = all_text({from_app(item)});
    BOOST_TEST(text.find("PLANT") == std::string::npos, text);
    BOOST_TEST(text.find("deadbeef") == std::string::npos, text);
}

BOOST_DATA_TEST_CASE(an_apps_sum_is_money_only_in_a_currency,
                     data::make({"planted.user@secretmail.example", "49151123", "null", "undefined", "", "E", "EU1"}),
                     currency)
{
    const auto e = from_app("\"fb_currency\":\"" + std::string{currency} + "\",\"_valueToSum\":5");
    BOOST_TEST(e.currency == "");
    BOOST_TEST(!e.value);
}

BOOST_AUTO_TEST_CASE(an_advertising_id_that_is_a_sites_mistake_is_none)
{
    const auto e =
        one(post("https://graph.facebook.com/1/activities", form,
                 "event=A&advertiser_id=undefined&custom_events=[{\"_eventName\":\"A\",\"x\":\"undefined\"}]"));
    BOOST_TEST(e.identifiers.empty());
    BOOST_TEST(e.device_facts.empty());
    BOOST_TEST(e.custom.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_apps_money_and_goods_are_kept)
{
    const auto e = from_app(R"("fb_currency":" EUR","_valueToSum":5,"fb_content_id":"4711")");
    BOOST_TEST(e.currency == "EUR");
    BOOST_TEST(e.value.value() == 5);
    BOOST_TEST(e.contents.at(0).id == "4711");
}

BOOST_AUTO_TEST_CASE(a_page_is_cut_where_it_repeats_an_identifier)
{
    const std::string ext = "id=111&ev=X&ud[external_id]=EXTPLANT99";
    BOOST_TEST(pixel(ext + "&dl=https%3A%2F%2Fshop.example%2Fuser%2FEXTPLANT99%2Fcart").page ==
               "https://shop.example/");
    BOOST_TEST(pixel(ext + "&dl=https%3A%2F%2Fshop.example%2Fuser%2F%2545XTPLANT99").page == "https://shop.example/");
    BOOST_TEST(pixel(ext, "https://shop.example/user/EXTPLANT99/cart").page == "https://shop.example/");
    BOOST_TEST(pixel(ext, "https://shop.example/user/cart").page == "https://shop.example/user/cart");
    BOOST_TEST(from_server(R"("event_source_url":"https://shop.example/EXTPLANT99",
                             "user_data":{"external_id":"EXTPLANT99"})")
                   .page == "https://shop.example/");
    BOOST_TEST(pixel("id=1&ev=X", "https://www.facebook.com/100000123456789/posts", "c_user=100000123456789").page ==
               "https://www.facebook.com/");
    auto plugin = post("https://www.facebook.com/plugins/like.php", "", "");
    plugin.page = "https://www.facebook.com/100000123456789/posts";
    plugin.cookies = "c_user=100000123456789";
    BOOST_TEST(one(plugin).page == "https://www.facebook.com/");
    BOOST_TEST(joined(one(plugin).identifiers) == "c_user");
}

BOOST_DATA_TEST_CASE(a_page_is_cut_where_its_path_looks_like_somebody,
                     data::make({"/u/0123456789abcdef0123456789abcdef", "/u/0123456789abcdef0123456789abcdef01234567/x",
                                 "/order/38400000-8cf0-11bd-b23e-10b96e40000d", "/cart;jsessionid=0AB1",
                                 "/cart;JSESSIONID=0AB1", "/cart;a=1;sid=7", "/u/a@b.example"}),
                     path)
{
    BOOST_TEST(pixel("id=1&ev=X", "https://shop.example" + std::string{path}).page == "https://shop.example/");
}

BOOST_AUTO_TEST_CASE(an_ordinary_page_is_kept)
{
    for (const std::string page : {"https://shop.example/blue;color=red/p-4711", "https://shop.example/2026/11/24/a",
                                   "https://shop.example/p/1234567890123"})
        BOOST_TEST(pixel("id=1&ev=X&ud[em]=undefined", page).page == page);
}

BOOST_DATA_TEST_CASE(a_shops_own_word_for_an_identifier_is_known,
                     data::make({"customer_phone",
                                 "billing_phone",
                                 "telephone",
                                 "user_phone",
                                 "Phone Number",
                                 "phoneNumber",
                                 "msisdn",
                                 "mobile",
                                 "customerMobile",
                                 "billing_first_name",
                                 "last-name",
                                 "fullName",
                                 "user.name",
                                 "customer_name",
                                 "shipping_name",
                                 "billingName",
                                 "username",
                                 "zipcode",
                                 "zip_code",
                                 "ZIPCode",
                                 "postcode",
                                 "post code",
                                 "postal",
                                 "birthdate",
                                 "birth_year",
                                 "date_of_birth",
                                 "dateOfBirth",
                                 "DOB",
                                 "ip",
                                 "userIP",
                                 "IPAddress",
                                 "ip_address",
                                 "remote-ip",
                                 "user_agent",
                                 "userAgent",
                                 "useragent",
                                 "street",
                                 "shippingStreet1",
                                 "address",
                                 "billing_address_2",
                                 "EmailAddress",
                                 "customerEmail",
                                 "e-mail",
                                 "user_mail",
                                 "customer][phone",
                                 "customerphone",
                                 "billing_city",
                                 "em",
                                 "external_id",
                                 "fbclid",
                                 "customerId"}),
                     key)
{
    BOOST_TEST(names_identifier(key));
    BOOST_TEST(pixel("id=1&ev=X&cd[" + std::string{key} + "]=4915112345678").custom.empty());
    BOOST_TEST(from_server("\"custom_data\":{\"" + std::string{key} + "\":\"4915112345678\"}").custom.empty());
}

BOOST_DATA_TEST_CASE(an_ordinary_word_of_a_shop_is_kept,
                     data::make({"content_name",  "content_category", "product_name",   "item_name",
                                 "event_name",    "campaign_name",    "name",           "brand",
                                 "shipping",      "shipping_cost",    "shippingMethod", "shipping_method_name",
                                 "order_id",      "user_type",        "customer_type",  "delivery_category",
                                 "search_string", "num_items",        "status",         "predicted_ltv",
                                 "smartphone",    "headphones",       "hotel",          "tip",
                                 "trip",          "zipper",           "streetwear",     "postId",
                                 "post_type",     "coupon_code",      "first_purchase", "last_category",
                                 "full_price",    "birthstone",       "ships_to",       "method",
                                 "plan",          "content_type",     "buttonText",     "OpenGraph",
                                 "newsletter",    "shop_name",        "store_name",     "billing_cycle",
                                 "agent",         "description"}),
                     key)
{
    BOOST_TEST(!names_identifier(key));
    BOOST_TEST(pixel("id=1&ev=X&cd[" + std::string{key} + "]=zip-hoodie&ud[ph]=4915112345678").custom.size() == 1u);
}

BOOST_DATA_TEST_CASE(a_phone_number_is_the_same_however_it_is_written,
                     data::make({"+49 151 12345678", "0049-151-12345678", "(0151) 12345678", "+49 (0)151/1234 5678",
                                 "call 4915112345678!", "49.151.12345678", "x:491511234567800"}),
                     text)
{
    std::string escaped;
    for (const char c : std::string_view{text})
        escaped += c == '+' ? std::string{"%2B"} : std::string(1, c);
    BOOST_TEST(pixel("id=1&ev=X&ud[ph]=4915112345678&cd[note]=" + escaped).custom.empty());
    BOOST_TEST(pixel("id=1&ev=X&ud[ph]=%2B49+151+12345678&cd[note]=" + escaped).custom.empty());
    BOOST_TEST(
        from_server(R"("user_data":{"ph":["4915112345678"]},"custom_data":{"note":")" + std::string{text} + "\"}")
            .custom.empty());
}

BOOST_DATA_TEST_CASE(other_numbers_are_no_phone_number,
                     data::make({"4711", "2026-11-24", "151", "345678", "59.90", "4915112345670", "1,512345678"}), text)
{
    BOOST_TEST(pixel("id=1&ev=X&ud[ph]=4915112345678&cd[note]=" + std::string{text}).custom.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_kind_is_a_word)
{
    for (const auto* kind : {"em", "external_id", "client_ip_address", "em2", "md5_email", "sha256_em"})
        BOOST_TEST(is_kind(kind), kind);
    for (const auto* kind : {"4915112345678", "49", "_em", "a4915112345678", "u1a2b3c4", "", "Em", "chpv"})
        BOOST_TEST(!is_kind(kind), kind);
    BOOST_TEST(pixel("id=1&ev=X&ud[4915112345678]=1").identifiers.empty());
    BOOST_TEST(from_server(R"("user_data":{"4915112345678":"x"})").identifiers.empty());
}

BOOST_DATA_TEST_CASE(a_sites_mistake_is_no_identifier,
                     data::make({"fbp=undefined", "fbc=null", "ud[em]=undefined", "ud[em]=Undefined", "ud[em]=NaN",
                                 "ud[em]=+", "ud[em]=%20null",
                                 "ud[em]=EB045D78D273107348B0300C01D29B7552D622ABBC6FAF81B3EC55359AA9950C",
                                 "ud[em]=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                                 "ud[em]=74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"}),
                     field)
{
    const auto e = pixel("id=1&ev=X&cd[note]=undefined+thing&" + std::string{field});
    BOOST_TEST(e.identifiers.empty());
    BOOST_TEST(e.custom.size() == 1u); // nor does it take anything else away
}

BOOST_AUTO_TEST_SUITE_END()
