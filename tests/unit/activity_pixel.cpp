#include "proxy/activity/event.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/text.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

using namespace paravent::activity;
namespace data = boost::unit_test::data;

namespace {

Event pixel(const std::string& query, std::string_view page = "https://referer.example/")
{
    const auto url = "https://www.facebook.com/tr/?" + query;
    auto events = events_of({.method = "GET",
                             .url = url,
                             .host = "www.facebook.com",
                             .page = page,
                             .full = true,
                             .category = "pixel-event"});
    BOOST_REQUIRE(events.size() == 1u);
    return std::move(events[0]);
}

const std::string hash(64, 'a');
using Words = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(pixel_requests)

BOOST_AUTO_TEST_CASE(a_request_names_its_page_itself)
{
    BOOST_TEST(page_told("https://www.facebook.com/tr?id=1&dl=https%3A%2F%2Fshop.example%2Fa%3Fb&rl=") ==
               "https://shop.example/a?b");
    BOOST_TEST(page_told("https://www.facebook.com/tr?dl=first&dl=second") == "first");
    BOOST_TEST(page_told("https://www.facebook.com/tr?addl=x") == "");
    BOOST_TEST(page_told("https://www.facebook.com/dl=x") == "");
    BOOST_TEST(page_told("") == "");
}

BOOST_AUTO_TEST_CASE(a_purchase_is_read_from_its_address)
{
    const auto e =
        pixel("id=1472749159700779&ev=Purchase&dl=https%3A%2F%2Fwww.shop.example%2Fcart%3Fmail%3Da%40b.c&rl=&if=false"
              "&ts=1795511564120&cd[value]=59.00&cd%5Bcurrency%5D=EUR&cd[content_name]=Blue+Shoes&cd[contents]=%5B%7B"
              "%22id%22%3A12345678901234567890123%2C%22quantity%22%3A%222%22%2C%22item_price%22%3A29.5%2C%22x%22%3A"
              "%7B%22y%22%3A1%7D%7D%5D&ud[em]=" +
              hash + "&udff[ph]=" + hash + "&aud[em]=" + hash +
              "&fbp=fb.1.1.2&fbc=fb.1.1.x&eid=order-1&es=automatic&dpo=LDU&dpoco=0&dpost=0");
    BOOST_TEST(e.account == "1472749159700779");
    BOOST_TEST(e.name == "Purchase");
    BOOST_TEST(e.site == "shop.example");
    BOOST_TEST(e.page == "https://www.shop.example/cart");
    BOOST_TEST(e.value.value() == 59.0);
    BOOST_TEST(e.currency == "EUR");
    BOOST_REQUIRE(e.contents.size() == 1u);
    BOOST_TEST(e.contents[0].id == "12345678901234567890123");
    BOOST_TEST(e.contents[0].quantity.value() == 2);
    BOOST_TEST(e.contents[0].item_price.value() == 29.5);
    BOOST_REQUIRE(e.custom.size() == 1u);
    BOOST_TEST(e.custom[0].second == "Blue Shoes");
    BOOST_TEST(e.identifiers == (Words{"em", "ph", "fbp", "fbc"}), boost::test_tools::per_element());
    BOOST_TEST(e.event_id);
    BOOST_TEST(e.automatic);
    BOOST_TEST(e.limited_data_use);
}

BOOST_AUTO_TEST_CASE(no_identifiers_value_is_in_an_event_anywhere)
{
    const auto e =
        pixel("id=1&ev=Lead&dl=https%3A%2F%2Fu%3Ap%40shop.example%2F%3Ffbclid%3DSECRET%23SECRET&ud[em]=SECRET"
              "&udff[fn]=SECRET&fbp=SECRET&fbc=SECRET&eid=SECRET&ud[external_id]=SECRET&cd[em]=SECRET"
              "&cd[note]=SECRET%40mail.example&cd[h]=" +
              hash + "&cd[order_id]=77&cud[ph]=SECRET&ud[SECRET]=1&cd[external_id]=SECRET");
    std::string all = e.site + e.page + e.account + e.name + e.currency;
    for (const auto& kind : e.identifiers)
        all += " " + kind;
    for (const auto& [key, value] : e.custom)
        all += " " + key + "=" + value;
    BOOST_TEST(all.find("SECRET") == std::string::npos);
    BOOST_TEST(all.find(hash) == std::string::npos);
    BOOST_TEST(all.find("order_id=77") != std::string::npos);
    BOOST_TEST(e.site == "shop.example");
}

BOOST_DATA_TEST_CASE(what_tells_nothing_is_no_identifier,
                     data::make({"ud[em]=", "ud[em]=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                 "ud[em]=eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c",
                                 "cud[em]=***", "ncud[ph]=###", "fbp=", "cd[external_id]=4", "ud[]=x", "ud=x", "ud[em",
                                 "uds[em]=x"}),
                     field)
{
    BOOST_TEST(pixel(std::string{"id=1&ev=PageView&"} + field).identifiers.empty());
}

BOOST_AUTO_TEST_CASE(an_old_conversion_pixel_has_its_number_in_the_event)
{
    const auto e = pixel("ev=6012345678901&cd[value]=0.00&cd[currency]=USD&noscript=1");
    BOOST_TEST(e.account == "6012345678901");
    BOOST_TEST(e.name == "");
    BOOST_TEST(e.value.value() == 0);
}

BOOST_AUTO_TEST_CASE(the_page_is_the_referer_where_the_pixel_names_none)
{
    BOOST_TEST(pixel("id=1&ev=PageView").site == "referer.example");
    BOOST_TEST(pixel("id=1&ev=PageView&dl=").site == "referer.example");
    BOOST_TEST(pixel("id=1&ev=PageView&dl=about:blank").site == "referer.example");
    BOOST_TEST(pixel("id=1&ev=PageView&dl=https://other.example/").site == "other.example");
    BOOST_TEST(pixel("id=1&ev=PageView", "").site == "");
}

BOOST_AUTO_TEST_CASE(the_privacy_sandbox_copy_is_known_as_one)
{
    const auto twin = [](std::string_view path, std::string_view query) {
        const std::string url = "https://www.facebook.com" + std::string{path} + "?" + std::string{query};
        return events_of(
                   {.method = "GET", .url = url, .host = "www.facebook.com", .page = {}, .full = true, .category = {}})
            .at(0)
            .twin;
    };
    constexpr std::string_view copy = "/privacy_sandbox/pixel/register/trigger/";
    const auto first = twin("/tr/", "id=1&ev=Lead&ts=1795511564001&rqm=GET");
    BOOST_TEST(first != 0u);
    BOOST_TEST(twin(copy, "rqm=FGET&ts=1795511564001&ev=Lead&id=1") == (first ^ 1));
    for (const std::string_view other : {"id=1&ev=Lead&ts=1795511564002", "id=2&ev=Lead&ts=1795511564001"})
        BOOST_TEST(twin(copy, other) != (first ^ 1));
    BOOST_TEST(twin("/tr/", "id=1&ev=Lead") == 0u);
}

BOOST_AUTO_TEST_CASE(limited_data_use_needs_more_than_an_empty_option)
{
    BOOST_TEST(!pixel("id=1&ev=X&dpo=&dpoco=0&dpost=0").limited_data_use);
    BOOST_TEST(pixel("id=1&ev=X&dpo=LDU").limited_data_use);
    BOOST_TEST(!pixel("id=1&ev=X&cs_est=true").automatic);
}

BOOST_DATA_TEST_CASE(a_broken_part_leaves_the_rest,
                     data::make({"cd[contents]=[{'id':'1'}]", "cd[contents]=[{", "cd[contents]=%00%ff", "cd[value]=NaN",
                                 "cd[value]=1e999", "cd[value]=12,50", "ud[%ff]=x", "cd[contents]=null", "%", "&&=&",
                                 "cd[x]=%zz", "dl=https%3A%2F%2F%00", "dl=%2F%2Fx"}),
                     part)
{
    const auto e = pixel(std::string{part} + "&id=5&ev=Lead&cd[currency]=EUR");
    BOOST_TEST(e.account == "5");
    BOOST_TEST(e.name == "Lead");
    BOOST_TEST(e.currency == "EUR");
    BOOST_TEST(!e.value);
    BOOST_TEST(e.contents.empty());
}

BOOST_AUTO_TEST_CASE(contents_come_in_many_forms)
{
    const auto ids = [](std::string_view json) {
        std::string text;
        for (const auto& content : contents_of(json))
            text += content.id + ",";
        return text;
    };
    BOOST_TEST(ids(R"([{"id":"a"},{"id":7}])") == "a,7,");
    BOOST_TEST(ids(R"(["a", 12, x])") == "a,12,");
    BOOST_TEST(ids("4711") == "4711,");
    BOOST_TEST(ids(R"({"id":"single"})") == "single,");
    BOOST_TEST(ids(R"([{"id":"whole"},{"id":"cut)") == "whole,");
    BOOST_TEST(ids(R"([{"id":[1]},[["x"]],{"deep":{"id":"no"}}])") == "");
    std::string many = "[";
    for (int i = 0; i < 1000; ++i)
        many += R"({"id":1},)";
    BOOST_TEST(contents_of(many).size() == max_contents);
    BOOST_TEST(contents_of(std::string(100'000, '[')).empty());
}

BOOST_AUTO_TEST_CASE(fields_are_bounded_in_number_and_bytes)
{
    std::string many;
    for (int i = 0; i < 10'000; ++i)
        many += "a" + std::to_string(i) + "=1&";
    BOOST_TEST(Fields{many}.all().size() == max_fields);
    const Fields long_one{"a=" + std::string(1'000'000, 'x')};
    BOOST_TEST(long_one["a"].size() == max_field_bytes - 2);
    BOOST_TEST(pixel("id=1&ev=" + std::string(100'000, 'x')).name.size() == 64u);
    BOOST_TEST(pixel("id=" + std::string(33, '1') + "&ev=X").account == "");
}

BOOST_AUTO_TEST_CASE(D9_text_of_pages_is_made_inert)
{
    BOOST_TEST(clean_text("Caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", 64) ==
               "Caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
    BOOST_TEST(clean_text("a\x1b[31mb\x07\r\n\tc", 64) == "a[31mbc");
    BOOST_TEST(clean_text("a\xE2\x80\xAE"
                          "b\xE2\x81\xA6"
                          "c\xD8\x9C",
                          64) == "abc"); // RLO, LRI, ALM
    BOOST_TEST(clean_text("a\xC2\x85"
                          "b\xE2\x80\xA8"
                          "c\xEF\xBB\xBF",
                          64) == "abc"); // NEL, LS, BOM
    BOOST_TEST(clean_text("a\xff"
                          "b\xC0\xAF"
                          "c\xED\xA0\x80"
                          "d",
                          64) == "a\xEF\xBF\xBD"
                                 "b\xEF\xBF\xBD\xEF\xBF\xBD"
                                 "c\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                                 "d");
    BOOST_TEST(clean_text("  spaces \xE2\x82", 64) == "spaces \xEF\xBF\xBD");
    BOOST_TEST(clean_text("12345\xC3\xA9", 6) == "12345");
    BOOST_TEST(clean_text(std::string("a\0b", 3), 64) == "ab");
    BOOST_TEST(pixel("id=1&ev=%1b%5dPage%E2%80%AEView").name == "]PageView");
}

BOOST_AUTO_TEST_SUITE_END()
