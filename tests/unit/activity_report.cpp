// What the stand-in for Meta's pixel reports, and what a page makes of it that would rather tell something else.
#include "proxy/activity/report.hpp"

#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::activity;
using activity_request::joined;

namespace {

Event reported(const std::string& form)
{
    auto event = read_report("id=1000000000000001&ev=Purchase&" + form);
    BOOST_REQUIRE(event.has_value());
    return std::move(*event);
}

std::string text_of(const Event& event)
{
    return activity_request::all_text({event});
}

} // namespace

BOOST_AUTO_TEST_SUITE(reports)

BOOST_AUTO_TEST_CASE(a_report_is_one_event_of_the_pixel)
{
    const auto event =
        reported("dl=https%3A%2F%2Fwww.shop.example%2Fcart&ik=em,ph,external_id,fbp&eid=1&dpo=LDU&es=automatic"
                 "&cd%5Bvalue%5D=59&cd%5Bcurrency%5D=EUR&cd[content_name]=Red+shoes"
                 "&cd[contents]=%5B%7B%22id%22%3A%224711%22%2C%22quantity%22%3A%221%22%7D%5D");
    BOOST_TEST((event.product == Product::pixel));
    BOOST_TEST(event.account == "1000000000000001");
    BOOST_TEST(event.name == "Purchase");
    BOOST_TEST(event.site == "shop.example");
    BOOST_TEST(event.page == "https://www.shop.example/cart");
    BOOST_TEST(event.value.value_or(0) == 59.0);
    BOOST_TEST(event.currency == "EUR");
    BOOST_TEST(joined(event.identifiers) == "em ph external_id fbp");
    BOOST_TEST((event.event_id && event.limited_data_use && event.automatic && event.seen_full));
    BOOST_TEST(event.contents.at(0).id == "4711");
    BOOST_TEST(event.contents.at(0).quantity.value_or(0) == 1.0);
    BOOST_TEST(event.custom.at(0).second == "Red shoes");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_is_not_there)
{
    const auto event = reported("");
    BOOST_TEST((!event.event_id && !event.limited_data_use && !event.automatic));
    BOOST_TEST((event.identifiers.empty() && event.custom.empty() && event.site.empty()));
}

BOOST_AUTO_TEST_CASE(only_known_kinds_are_identifiers_and_each_counts_once)
{
    BOOST_TEST(joined(reported("ik=em,EM,em,me%40mail.example,,advertiser,c_user,city").identifiers) == "em city");
    BOOST_TEST(joined(reported("ik=" + std::string(3000, ',') + "em").identifiers) == "em");
}

BOOST_AUTO_TEST_CASE(only_standard_keys_are_kept)
{
    const auto event = reported("cd[email]=x&cd[note]=y&cd[status]=done&other=z&cd[em]=q");
    BOOST_TEST(event.custom.size() == 1u);
    BOOST_TEST(event.custom.at(0).first == "status");
}

BOOST_DATA_TEST_CASE(no_identifier_gets_in_by_another_name,
                     boost::unit_test::data::make<std::string>(
                         {"cd[content_name]=me%40mail.example",
                          "dl=https://shop.example/u/me@mail.example?e=me@mail.example",
                          "cd[search_string]=" + std::string(64, 'a'), "cd[content_ids]=%5B%22me%40mail.example%22%5D",
                          "cd[order_id]=fb.1.1549980788732.221006875", "cd[currency]=me@mail.example"}),
                     form)
{
    const auto text = text_of(reported(form));
    BOOST_TEST(text.find("mail.example") == std::string::npos);
    BOOST_TEST(text.find("aaaa") == std::string::npos);
    BOOST_TEST(text.find("fb.1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_event_without_a_name_or_an_account_is_none)
{
    BOOST_TEST(!read_report(""));
    BOOST_TEST(!read_report("ev=Purchase"));
    BOOST_TEST(!read_report("id=1000000000000001"));
    BOOST_TEST(!read_report("id=mine&ev=Purchase"));
    BOOST_TEST(!read_report("id=1&ev="));
    const auto unnamed = read_report("id=1&ev=-");
    BOOST_REQUIRE(unnamed.has_value());
    BOOST_TEST(unnamed->name.empty());
}

BOOST_AUTO_TEST_CASE(a_report_is_not_read_further_than_it_may_be_long)
{
    const auto event = reported("x=" + std::string(5000, 'x') + "&cd[value]=59");
    BOOST_TEST(!event.value.has_value());
}

BOOST_AUTO_TEST_CASE(any_bytes_are_read_without_harm)
{
    for (const std::string form :
         {"%", "&&==", "cd[]=1", "cd[value]=1e999", "dl=javascript:alert(1)", "ik=%00", "\xff\xfe"}) {
        const auto event = reported(form);
        BOOST_TEST((!event.value && event.site.empty() && event.identifiers.empty()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
