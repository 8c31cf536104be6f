// "Was that mine?": what the owner writes, and in which forms it is found again in what is told to Meta.
#include "proxy/activity/mine.hpp"
#include "tests/unit/activity_request.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent::activity;
using namespace activity_request;
namespace data = boost::unit_test::data;

namespace {

// sha256("anna@mail.example") and sha256("491701234567"), by another program.
const std::string mail_hash = "bad1a83aa90de143ce99b42516bc8d09c6ccd33b828dff1061b6c21fce682851";
const std::string phone_hash = "8b47a52ed04d068c3a9c5632b98cec18780a9f9f4099d4f8afe233970ce116fe";
const std::string other_hash(64, 'a');

Mine::Bytes key_of(std::uint8_t byte)
{
    Mine::Bytes key{};
    key.fill(byte);
    return key;
}

/// Somebody who gave one address and one number.
const Mine& anna()
{
    static const Mine mine = [] {
        Mine made(key_of(7));
        made.add(Own::em, made.mark_of(normal_form(Own::em, "Anna@Mail.example").text));
        made.add(Own::ph, made.mark_of(normal_form(Own::ph, "+49 170 1234567").text));
        return made;
    }();
    return mine;
}

std::string mine_in(Seen seen, const Mine* mine = &anna())
{
    seen.mine = mine;
    std::string all;
    for (const auto& event : events_of(seen))
        all += (all.empty() ? "" : " | ") + joined(event.mine);
    return all;
}

Seen get(std::string_view url)
{
    return {.method = "GET", .url = url, .host = host_of(url), .page = {}, .full = true, .category = {}};
}

const std::string pixel = "https://www.facebook.com/tr?id=1472749159700779&ev=Purchase&";
const std::string graph = "https://graph.facebook.com/";

struct Written {
    Own kind;
    std::string text, normal; ///< empty: there is none
};
std::ostream& operator<<(std::ostream& os, const Written& w)
{
    return os << name_of(w.kind) << " \"" << w.text << '"';
}

const std::vector<Written> written = {
    {Own::em, " Anna.B+x@Mail.EXAMPLE\r\n", "anna.b+x@mail.example"},
    {Own::em, "anna@mail.example", "anna@mail.example"},
    {Own::em, "", ""},
    {Own::em, " \n", ""},
    {Own::em, "anna.mail.example", ""},
    {Own::em, "@mail.example", ""},
    {Own::em, "anna@", ""},
    {Own::em, "anna@mail", ""},
    {Own::em, "anna@.example", ""},
    {Own::em, "anna@mail.", ""},
    {Own::em, "anna@ben@mail.example", ""},
    {Own::em, "anna@mail.example ben@mail.example", ""},
    {Own::em, "anna@mail.example\nben@mail.example", ""},
    {Own::em, "Anna <anna@mail.example>", ""},
    {Own::em, std::string(250, 'a') + "@b.example", ""},
    {Own::ph, "+49 170 1234567\n", "491701234567"},
    {Own::ph, "0049 (170) 123-45.67", "491701234567"},
    {Own::ph, "+49 (0)170/1234567", "491701234567"},
    {Own::ph, "491701234567", "491701234567"},
    {Own::ph, "+1 (650) 555-0123", "16505550123"},
    {Own::ph, "", ""},
    {Own::ph, "0170 1234567", ""},
    {Own::ph, "+0170 1234567", ""},
    {Own::ph, "49170CALLME", ""},
    {Own::ph, "49+1701234567", ""},
    {Own::ph, "123456", ""},
    {Own::ph, "1234567890123456", ""},
    {Own::ph, "anna@mail.example", ""},
    {Own::ph, "+", ""},
    {Own::ph, "000000000", ""},
    {Own::ph, std::string(300, '1'), ""},
};

struct Sent {
    std::string what, url, body, expected;
};
std::ostream& operator<<(std::ostream& os, const Sent& s)
{
    return os << s.what;
}

const std::vector<Sent> sent = {
    {"nothing", pixel + "cd[value]=1", "", ""},
    {"somebody else's", pixel + "ud[em]=" + other_hash, "", ""},
    {"ud", pixel + "ud[em]=" + mail_hash, "", "em"},
    {"ud, escaped brackets", pixel + "ud%5Bem%5D=" + mail_hash, "", "em"},
    {"aud", pixel + "aud[em]=" + mail_hash, "", "em"},
    {"udff", pixel + "udff[ph]=" + phone_hash, "", "ph"},
    {"one of several forms", pixel + "ud[em]=" + other_hash + "&aud[em]=" + mail_hash, "", "em"},
    {"both kinds, each once", pixel + "ud[em]=" + mail_hash + "&udff[em]=" + mail_hash + "&ud[ph]=" + phone_hash, "",
     "em ph"},
    {"capital hex", pixel + "ud[em]=BAD1A83AA90DE143CE99B42516BC8D09C6CCD33B828DFF1061B6C21FCE682851", "", "em"},
    {"a mask tells nothing", pixel + "cud[em]=anna@mail.example", "", ""},
    {"the other kind's", pixel + "ud[ph]=" + mail_hash, "", ""},
    {"not an identifier's field", pixel + "cd[em]=" + mail_hash, "", ""},
    {"not yet hashed", pixel + "ud[em]=Anna%40mail.example", "", "em"},
    {"escaped twice", pixel + "ud[em]=anna%2540mail.example", "", "em"},
    {"a number not yet hashed", pixel + "ud[ph]=%2B49+170+1234567", "", "ph"},
    {"a number with zeros before it", pixel + "ud[ph]=0491701234567", "", "ph"},
    {"another name for the field", pixel + "ud[email]=" + mail_hash + "&ud[phone]=" + phone_hash, "", "em ph"},
    {"posted", "https://www.facebook.com/tr/", "id=1&ev=Lead&udff%5Bem%5D=" + mail_hash, "em"},
    {"Conversions API, a list", graph + "v19.0/1/events",
     R"({"data":[{"event_name":"A","user_data":{"em":[")" + other_hash + R"(",")" + mail_hash +
         R"("]}},{"event_name":"B","user_data":{"ph":")" + phone_hash + R"("}},{"event_name":"C","user_data":{}}]})",
     "em | ph | "},
    {"Conversions API, plain", graph + "v19.0/1/events",
     R"({"data":[{"event_name":"A","user_data":{"em":" ANNA@mail.example","ph":["+491701234567"]}}]})", "em ph"},
    {"an app, fields", graph + "v19.0/1/activities", "event=CUSTOM_APP_EVENTS&ud[em]=" + mail_hash, "em"},
    {"an app, JSON", graph + "v19.0/1/activities",
     "event=CUSTOM_APP_EVENTS&ud=%7B%22ph%22%3A%22" + phone_hash +
         "%22%7D&custom_events=%5B%7B%22_eventName%22%3A"
         "%22x%22%7D%2C%7B%22_eventName%22%3A%22y%22%7D%5D",
     "ph | ph"},
    {"a batch", graph,
     R"(batch=[{"method":"POST","relative_url":"1/activities","body":"event=X%26ud[em]=)" + mail_hash + R"("}])", "em"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(was_that_mine)

BOOST_DATA_TEST_CASE(what_the_owner_writes_gets_metas_normal_form, data::make(written), w)
{
    const auto form = normal_form(w.kind, w.text);
    BOOST_TEST(form.text == w.normal);
    BOOST_TEST(form.fault.empty() == !w.normal.empty());
    BOOST_TEST(form.fault.find("anna") == std::string::npos); // it may be shown to anybody
    BOOST_TEST(form.fault.find('\n') == std::string::npos);
}

BOOST_DATA_TEST_CASE(every_form_of_a_field_is_compared, data::make(sent), s)
{
    BOOST_TEST(mine_in(s.body.empty() ? get(s.url) : post(s.url, {}, s.body)) == s.expected);
}

BOOST_AUTO_TEST_CASE(nothing_is_said_where_nobody_asked)
{
    BOOST_TEST(mine_in(get(pixel + "ud[em]=" + mail_hash), nullptr) == "");
    const Mine nothing(key_of(7));
    BOOST_TEST(mine_in(get(pixel + "ud[em]=" + mail_hash), &nothing) == "");
}

BOOST_AUTO_TEST_CASE(a_mark_is_neither_the_hash_nor_the_same_under_another_key)
{
    const Mine one(key_of(1)), two(key_of(2));
    const auto mark = one.mark_of("anna@mail.example");
    BOOST_TEST((mark != two.mark_of("anna@mail.example")));
    BOOST_TEST((mark == one.mark_of("anna@mail.example")));
    Mine other(key_of(2));
    other.add(Own::em, mark); // a mark that came with another install's file
    BOOST_TEST(mine_in(get(pixel + "ud[em]=" + mail_hash), &other) == "");
}

BOOST_AUTO_TEST_CASE(values_are_added_once_up_to_a_bound_and_removed_again)
{
    Mine mine(key_of(7));
    const auto mark = [&](std::size_t n) { return mine.mark_of(std::to_string(n) + "@mail.example"); };
    for (std::size_t n = 0; n < Mine::most; ++n)
        BOOST_TEST(mine.add(Own::em, mark(n)));
    BOOST_TEST(!mine.add(Own::em, mark(0)));
    BOOST_TEST(!mine.add(Own::em, mark(Mine::most)));
    BOOST_TEST(mine.matches("em", "3@mail.example").has_value());
    BOOST_TEST(!mine.remove(Own::ph, mark(3)));
    BOOST_TEST(mine.remove(Own::em, mark(3)));
    BOOST_TEST(!mine.remove(Own::em, mark(3)));
    BOOST_TEST(!mine.matches("em", "3@mail.example").has_value());
    mine.remove(Own::em);
    BOOST_TEST(mine.empty());
}

BOOST_AUTO_TEST_SUITE_END()
