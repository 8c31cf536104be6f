#include "proxy/activity/body.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/multipart.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

constexpr std::string_view tr = "https://www.facebook.com/tr/";
constexpr std::string_view form = "application/x-www-form-urlencoded";

Event one(const Seen& seen)
{
    auto events = events_of(seen);
    BOOST_REQUIRE(events.size() == 1u);
    return std::move(events[0]);
}

std::string part(std::string_view name, std::string_view value)
{
    return "--XyZ\r\nContent-Disposition: form-data; name=\"" + std::string{name} + "\"\r\n\r\n" + std::string{value} +
           "\r\n";
}

const std::string urlencoded =
    "id=1472749159700779&ev=Purchase&dl=https%3A%2F%2Fshop.example%2Fthanks&rl=&if=false&ts=1795511564120"
    "&cd%5Bvalue%5D=59.00&cd%5Bcurrency%5D=EUR&cd%5Bcontent_name%5D=Blue+shoes&cd[contents]=%5B%7B%22id%22%3A%2242%22%"
    "2C"
    "%22quantity%22%3A2%7D%5D&ud%5Bem%5D=hash-of-mail&udff[ph]=hash-of-phone&cud[fn]=*****&eid=order-1&rqm=formPOST";

const std::string multipart =
    part("id", "1472749159700779") + part("ev", "Purchase") + part("dl", "https://shop.example/thanks") +
    part("cd[value]", "59.00") + part("cd[currency]", "EUR") + part("cd[content_name]", "Blue shoes") +
    part("cd[contents]", R"([{"id":"42","quantity":2}])") + part("ud[em]", "hash-of-mail") +
    part("udff[ph]", "hash-of-phone") + part("cud[fn]", "*****") + part("eid", "order-1") + "--XyZ--\r\n";

struct Post {
    std::string_view type, body;
};
std::ostream& operator<<(std::ostream& out, const Post& p)
{
    return out << p.type;
}
const Post posts[] = {
    {form, urlencoded},
    {"text/plain;charset=UTF-8", urlencoded},
    {"", urlencoded},
    {"application/octet-stream", urlencoded},
    {"multipart/form-data; boundary=XyZ", multipart},
    {"Multipart/Form-Data; charset=utf-8; Boundary=\"XyZ\"", multipart},
    {"multipart/form-data", multipart},
    {"multipart/form-data; boundary=wrong", multipart},
    {"text/plain", multipart},
    {"application/json",
     R"({"id":1472749159700779,"ev":"Purchase","dl":"https://shop.example/thanks","cd":{"value":59.00,"currency":"EUR",
        "content_name":"Blue shoes","contents":[{"id":"42","quantity":2}]},"ud":{"em":"hash-of-mail"},
        "udff[ph]":"hash-of-phone","eid":"order-1"})"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(posts_of_pixels)

BOOST_DATA_TEST_CASE(a_posted_event_is_read_however_its_body_is_written, data::make(posts), p)
{
    const auto e = one(post(tr, p.type, p.body));
    BOOST_TEST(name_of(e.product) == "pixel");
    BOOST_TEST(e.account == "1472749159700779");
    BOOST_TEST(e.name == "Purchase");
    BOOST_TEST(e.site == "shop.example");
    BOOST_TEST(e.value.value() == 59.0);
    BOOST_TEST(e.currency == "EUR");
    BOOST_REQUIRE(e.contents.size() == 1u);
    BOOST_TEST(e.contents[0].id == "42");
    BOOST_TEST(e.contents[0].quantity.value() == 2);
    BOOST_REQUIRE(e.custom.size() == 1u);
    BOOST_TEST(e.custom[0].second == "Blue shoes");
    BOOST_TEST(joined(e.identifiers) == "em ph");
    BOOST_TEST(e.event_id);
}

BOOST_AUTO_TEST_CASE(fields_may_be_split_over_query_and_body)
{
    const auto e = one(post("https://www.facebook.com/tr?id=77&ev=&cd[value]=3&noscript=1", form,
                            "ev=Lead&cd[currency]=USD&cd[value]=3&cd[status]=new&cd[status]=new"));
    BOOST_TEST(e.account == "77");
    BOOST_TEST(e.name == "Lead");
    BOOST_TEST(e.currency == "USD");
    BOOST_TEST(e.custom.size() == 1u); // what is told twice counts once
}

BOOST_AUTO_TEST_CASE(the_privacy_sandbox_copy_is_read_like_the_pixel)
{
    const auto e = one(post("https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=77&ev=Lead&rqm=FGET"
                            "&dl=https%3A%2F%2Fshop.example%2F&cd[value]=2&ud[em]=x",
                            "", ""));
    BOOST_TEST(name_of(e.product) == "pixel");
    BOOST_TEST(e.account == "77");
    BOOST_TEST(e.name == "Lead");
    BOOST_TEST(e.value.value() == 2);
    BOOST_TEST(joined(e.identifiers) == "em");
}

BOOST_AUTO_TEST_CASE(automatic_events_keep_the_page_s_own_words)
{
    const auto microdata = one(post(tr, form,
                                    "id=1&ev=Microdata&es=automatic&dl=https://shop.example/&cd[Schema.org]=[]"
                                    "&cd[JSON-LD]=%5B%7B%22%40type%22%3A%22Product%22%2C%22sku%22%3A%2242%22%7D%5D"
                                    "&cd[OpenGraph]=%7B%22og%3Atitle%22%3A%22Shoes%22%7D&pmd[title]=Shoes"));
    BOOST_TEST(microdata.automatic);
    BOOST_TEST(all_text({microdata}).find(R"(JSON-LD=[{"@type":"Product")") != std::string::npos);
    BOOST_TEST(all_text({microdata}).find(R"(OpenGraph={"og:title":"Shoes"})") != std::string::npos);

    const auto click = one(post(tr, form,
                                "id=1&ev=SubscribedButtonClick&es=automatic&cd[buttonText]=Add+to+cart"
                                "&cd[buttonFeatures]=%7B%22tag%22%3A%22button%22%7D&cd[formFeatures]=[]"));
    BOOST_TEST(click.name == "SubscribedButtonClick");
    BOOST_TEST(all_text({click}).find("buttonText=Add to cart") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_old_conversion_counts_also_where_the_id_is_a_word)
{
    BOOST_TEST(one(post(tr, form, "id=null&ev=6020195729798&cd[value]=0.00")).account == "6020195729798");
    BOOST_TEST(one(post(tr, form, "id=undefined&ev=404")).name == "404");
}

BOOST_AUTO_TEST_CASE(content_ids_come_in_many_forms)
{
    const auto ids = [](std::string_view value) {
        std::string all;
        for (const auto& content : one(post(tr, form, "id=1&ev=X&cd[content_ids]=" + std::string{value})).contents)
            all += content.id + ";";
        return all;
    };
    BOOST_TEST(ids("[12345678901234567890123,\"b\"]") == "12345678901234567890123;b;");
    BOOST_TEST(ids("4711") == "4711;");
    BOOST_TEST(ids("SKU-1") == "SKU-1;");
    BOOST_TEST(ids("SKU-1,SKU-2") == "SKU-1;SKU-2;");
    BOOST_TEST(ids("['a','b']") == "");
    BOOST_TEST(ids("") == "");
}

BOOST_AUTO_TEST_CASE(an_account_of_facebook_in_the_cookies_is_a_kind_of_its_own)
{
    auto seen = post(tr, form, "id=1&ev=PageView");
    seen.cookies = "fr=0abc; c_user=100001234567890; xs=1";
    const auto e = one(seen);
    BOOST_TEST(joined(e.identifiers) == "c_user");
    BOOST_TEST(all_text({e}).find("100001234567890") == std::string::npos);
    seen.cookies = "xc_user=1; c_user=";
    BOOST_TEST(one(seen).identifiers.empty());
}

BOOST_AUTO_TEST_CASE(a_cut_body_loses_its_last_field_only)
{
    const std::string body = "id=1&ev=Purchase&cd[currency]=EUR&cd[value]=59.00";
    const auto e = one(post(tr, form, std::string_view{body}.substr(0, body.size() - 3), true));
    BOOST_TEST(e.currency == "EUR");
    BOOST_TEST(!e.value); // 59 or 5 would be a lie
    const auto parts = part("id", "1") + part("ev", "Purchase") + part("cd[value]", "59.00");
    const auto whole = one(post(tr, "multipart/form-data; boundary=XyZ", parts));
    BOOST_TEST(whole.value.value() == 59.0);
    const auto cut = one(post(tr, "multipart/form-data; boundary=XyZ", parts, true));
    BOOST_TEST(cut.name == "Purchase");
    BOOST_TEST(!cut.value);
}

BOOST_AUTO_TEST_CASE(events_that_a_shop_s_own_host_takes_are_known_by_their_form)
{
    const auto e = one(post("https://metrics.shop.example/tr?id=77&ev=Lead&dl=https://www.shop.example/", "", ""));
    BOOST_TEST(name_of(e.product) == "pixel");
    BOOST_TEST(e.account == "77");
    BOOST_TEST(concerns_meta(post("https://metrics.shop.example/tr?id=77&ev=Lead", "", "")));
    BOOST_TEST(concerns_meta(post("https://x.cloud.example/events?cee=no", "", "{}")));
    BOOST_TEST(concerns_meta(post("https://static.xx.fbcdn.net/a.js", "", "")));
    for (const auto* url :
         {"https://shop.example/tr?id=x&ev=Lead", "https://shop.example/tr?id=7", "https://shop.example/",
          "https://shop.example/events?a=1", "https://shop.example/tr/x?id=7&ev=Lead"})
        BOOST_TEST(!concerns_meta(post(url, "", "")));
}

BOOST_AUTO_TEST_CASE(lists_in_field_names_are_lists)
{
    const auto told = [](std::string_view fields) {
        const auto e = one(post(tr, form, "id=1&ev=X&" + std::string{fields}));
        std::string all;
        for (const auto& content : e.contents)
            all += content.id + (content.quantity ? "*" + std::to_string(int(*content.quantity)) : "") + ";";
        for (const auto& [key, value] : e.custom)
            all += key + "=" + value + ";";
        return all;
    };
    BOOST_TEST(told("cd[content_ids][]=a&cd[content_ids][]=b") == "a;b;");
    BOOST_TEST(told("cd%5Bcontent_ids%5D%5B0%5D=a%22&cd[content_ids][1]=b") == "a\";b;");
    BOOST_TEST(told("cd[contents][0][id]=a&cd[contents][0][quantity]=2&cd[contents][1][id]=b") == "a*2;b;");
    BOOST_TEST(told("cd[contents][][id]=a&cd[contents][][id]=b&cd[contents][][quantity]=2") == "a;b*2;");
    BOOST_TEST(told("cd[contents][1][id]=b&cd[contents][0][id]=a&cd[contents][1][quantity]=2") == "b*2;a;");
    BOOST_TEST(told("cd[tags][]=new&cd[tags][]=blue") == R"(tags=["new","blue"];)");
    BOOST_TEST(told("cd[size][eu]=42&cd[size][us]=9") == "size[eu]=42;size[us]=9;");
    BOOST_TEST(told("cd[emx]=1&cd[customer][emx]=1") == "emx=1;customer[emx]=1;");
    BOOST_TEST(told("cd[customer][em]=1&cd[a][b][phone]=1") == "");
    BOOST_TEST(told("cd[list]=[1,{\"who\":\"Eve\"}]") == "");
    BOOST_TEST(told("cd[customer][phone]=1&cd[guests][][first_name]=Eve") == "");
    BOOST_TEST(told("ud[external_id]=EXTPLANT&cd[content_ids][]=EXTPLANT&cd[tags][]=EXTPLANT") == "");
    BOOST_TEST(told("cd[][]=a&cd[x][=b&cd[y]]=c") == "y]=c;");
}

BOOST_AUTO_TEST_CASE(blanks_around_what_is_told_are_no_part_of_it)
{
    const auto e = one(post(tr, form,
                            "id=1&ev=X&cd[value]=%205+&cd[currency]=EUR%20&cd[contents]=" +
                                std::string{"[{\"id\":\"a\",\"quantity\":\" 2\"}]"}));
    BOOST_TEST(e.value.value() == 5);
    BOOST_TEST(e.currency == "EUR");
    BOOST_TEST(e.contents.at(0).quantity.value() == 2);
}

BOOST_AUTO_TEST_CASE(a_mark_of_the_byte_order_is_no_part_of_a_field)
{
    BOOST_TEST(one(post(tr, form, "\xEF\xBB\xBFid=111&ev=Lead")).account == "111");
}

BOOST_AUTO_TEST_CASE(parts_are_taken_with_their_names_and_nothing_else)
{
    const auto names = [](std::string_view body, std::string_view boundary = "b") {
        std::string all;
        for (const auto& one_part : parts_of_form(body, boundary))
            all += std::string{one_part.name} + "=" + std::string{one_part.content} + ";";
        return all;
    };
    BOOST_TEST(names("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n") == "a=1;");
    BOOST_TEST(names("--b\ncontent-disposition:form-data;name=a\n\n1\n--b--") == "a=1;");
    BOOST_TEST(names("preamble\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; "
                     "filename=\"name=x\"; name=\"f\"\r\n\r\n1\r\n2\r\n--b--\r\n") == "f=1\r\n2;");
    BOOST_TEST(names("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx--b\r\n--b--") == "a=x--b;");
    BOOST_TEST(names("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--b--") == "a=;");
    BOOST_TEST(names("--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--") == "");
    BOOST_TEST(names("--b\r\n" + std::string(10'000, 'x') + "\r\n\r\n1\r\n--b--") == "");
    BOOST_TEST(names("", "") == "");
    BOOST_TEST(names("--", "") == "");
    std::string many;
    for (int i = 0; i < 10'000; ++i)
        many += "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    BOOST_TEST(parts_of_form(many, "b").size() == max_parts);
}

BOOST_AUTO_TEST_SUITE_END()
