#include "proxy/import/entry.hpp"
#include "proxy/import/html_export.hpp"
#include "proxy/import/moment.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace paravent;
using imports::HtmlExport;
using imports::Moment;
using imports::read_moment;
using imports::Summing;

namespace {

struct Read {
    explicit Read(std::string_view text, std::size_t size = 1'000'000, std::string path = {})
    {
        HtmlExport html(sums, std::move(path));
        for (std::size_t at = 0; at < text.size() && problem.empty(); at += size)
            problem = html.read(text.substr(at, size));
        if (problem.empty())
            problem = html.end();
        events = html.has_events();
        zoned = html.zoned();
        links = html.links();
        sums.finish();
        for (std::size_t i = 0; i < sums.rows(); ++i)
            lines += activity::line_of(sums.row(i));
    }
    Summing sums;
    imports::Problem problem;
    bool events = false, zoned = false;
    std::vector<std::uint64_t> links;
    std::string lines;
};

std::string event(std::string_view id, std::string_view type, std::string_view received)
{
    std::string out = "<table><tr><td>ID</td><td>";
    out.append(id).append("</td></tr><tr><td>Event</td><td>").append(type);
    return out.append("</td></tr><tr><td>Received on</td><td>").append(received).append("</td></tr></table>");
}

std::string page(std::string_view name, std::string_view events)
{
    std::string out =
        "<!doctype html><html><head><title>Your activity</title><style>h2{color:red}</style></head><body><h1>Off "
        "Meta</h1><h2>";
    return out.append(name).append("</h2><div>").append(events).append("</div></body></html>");
}

constexpr std::int64_t march = 1'615'437'360; // 2021-03-11 04:36 UTC

const std::string line = "{\"name\":\"shop & co.example\",\"account\":\"853766335050306\",\"types\":{\"PURCHASE\":1},"
                         "\"first\":1615437360,\"last\":1615437360,\"days\":[[18697,1]],\"months\":[[614,1]]}\n";

} // namespace

BOOST_AUTO_TEST_SUITE(html_export)

BOOST_AUTO_TEST_CASE(a_page_of_a_business_is_read_in_every_split)
{
    const auto text =
        page("shop &amp; co.<b>example</b>", event("853766335050306", "PURCHASE", "Mar 11, 2021, 4:36 AM"));
    for (std::size_t size = 1; size < 60; ++size) {
        const Read read(text, size);
        BOOST_TEST(read.problem == "");
        BOOST_TEST(read.lines == line);
        BOOST_TEST(!read.zoned);
    }
}

BOOST_AUTO_TEST_CASE(values_are_told_apart_by_what_they_look_like)
{
    const std::string id = "853766335050306", date = "11.03.2021, 04:36";
    for (const auto& events :
         {"<table><tr><td colspan=2>Kennung<div><div>" + id +
              "</div></div></td></tr><tr><td>Ereignis<div>PURCHASE</div></td></tr>"
              "<tr><td>Empfangen am<div>" +
              date + "</div></td></tr></table>", // label and value in one cell
          "<table><tr><td>Received on<td>" + date + "<tr><td>Event<td>PURCHASE<tr><td>ID<td>" +
              id, // another order, nothing closed
          "<table><tr><th>ID</th><th>Event</th><th>Received on</th></tr><tr><td>" + id + "</td><td>PURCHASE</td><td>" +
              date + "</td></tr></table>", // a row for each event
          "<table><tr><td></td><td>" + id + "</td></tr><tr><td>x</td><td>PURCHASE</td></tr><tr><td></td><td>" + date +
              "</td></tr></table>"}) // labels missing
        BOOST_TEST(Read(page("shop &amp; co.example", events)).lines == line, events);
}

BOOST_AUTO_TEST_CASE(several_events_may_stand_in_one_table)
{
    std::string rows;
    for (const auto* type : {"PAGE_VIEW", "PURCHASE", "LEAD"})
        rows += std::string("<tr><td>ID</td><td>853766335050306</td></tr><tr><td>Event</td><td>") + type +
                "</td></tr><tr><td>Received on</td><td>2021-03-11 04:36</td></tr>";
    const Read read(page("a", "<table>" + rows + "</table>"));
    BOOST_TEST(read.sums.events() == 3u);
    BOOST_TEST(read.sums.skipped() == 0u);
    BOOST_TEST(read.sums.row(0).types.size() == 3u);
}

BOOST_AUTO_TEST_CASE(one_page_may_have_every_business)
{
    const Read read(page("a", event("1", "X", "2021-03-11 04:36") + "</div><h2>b</h2><div>" +
                                  event("1", "X", "2021-03-11 04:36") + event("1", "X", "2021-03-12 04:36")));
    BOOST_REQUIRE(read.sums.rows() == 2u);
    BOOST_TEST(read.sums.row(1).name == "b");
    BOOST_TEST(read.sums.row(1).events() == 2u);
}

BOOST_AUTO_TEST_CASE(times_in_a_language_that_is_not_known_are_counted)
{
    const Read read(page("a", event("1", "X", "11 მარ. 2021, 04:36") + event("1", "X", "2021-03-11 04:36") +
                                  event("1", "X", "") + "<table><tr><td>Nothing</td><td>of it</td></tr></table>"));
    BOOST_TEST(read.sums.events() == 1u);
    BOOST_TEST(read.sums.skipped() == 2u);
}

BOOST_AUTO_TEST_CASE(scripts_and_styles_are_no_text)
{
    const Read read(page("a<script>b</script><style>c</style>", event("1", "X<script>y</script>", "2021-03-11 04:36")));
    BOOST_TEST(read.sums.row(0).name == "a");
    BOOST_TEST(read.sums.row(0).types.contains("X"));
}

BOOST_AUTO_TEST_CASE(an_index_tells_its_links_however_they_begin)
{
    const std::string folder = "apps_and_websites_off_of_facebook/your_activity_off_meta_technologies/";
    const auto wanted = imports::page_of("root/" + folder + "shop 1.html");
    for (const auto& link : {folder + "shop%201.html", "../" + folder + "shop 1.html",
                             std::string("your_activity_off_meta_technologies/shop%201.html#x")}) {
        const Read read(
            "<a href=\"" + link +
                "\">shop</a><a href='https://shop.example/a.html'>x</a><a href='/x.html'>y</a><a>z</a></html>",
            5, "root/apps_and_websites_off_of_facebook/your_activity_off_meta_technologies.html");
        BOOST_TEST(!read.events);
        BOOST_REQUIRE(read.links.size() == 1u);
        BOOST_TEST(read.links[0] == wanted);
    }
    const Read beside("<html><a href='2.html'></html>", 100, "a/folder/index.html");
    BOOST_TEST(beside.links.at(0) == imports::page_of("folder/2.html"));
    BOOST_TEST(beside.links.at(0) != imports::page_of("other/2.html"));
}

BOOST_AUTO_TEST_CASE(what_does_not_end_and_what_is_too_deep_is_an_error)
{
    std::string deep = "<html><body>";
    for (int i = 0; i < 100'000; ++i)
        deep += "<div>";
    BOOST_TEST(Read(deep).problem.find("too deep") != std::string::npos);
    BOOST_TEST(Read("<!-- " + std::string(8'000'000, '>')).problem.find("does not end") != std::string::npos);
    for (const auto& begin : {"<a href=\"", "<!-- ", "<p title='", "<", "<p>"})
        BOOST_TEST(Read(begin + std::string(8'000'000, 'x')).problem.find("does not end") != std::string::npos, begin);
    std::string long_page = "<p>";
    for (int i = 0; i < 400'000; ++i)
        long_page += "some text or other<br>";
    BOOST_TEST(Read(long_page + "</html>").problem == "");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_do_no_harm)
{
    const Read read(page("a\xFF\xFE\xC3", event("1", "X", "2021-03-11 04:36")));
    BOOST_TEST(read.sums.events() == 1u);
    BOOST_TEST(activity::read_row(read.lines).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(moments)

BOOST_AUTO_TEST_CASE(times_as_meta_writes_them)
{
    for (const std::string_view text : {"Mar 11, 2021, 4:36 AM",
                                        "Mar 11, 2021 4:36:00 am",
                                        "Mar 11, 2021, 4:36\xE2\x80\xAF"
                                        "AM",
                                        "11 Mar 2021, 04:36",
                                        "11 mars 2021, 04:36",
                                        "11 mars 2021 \xC3\xA0 04:36",
                                        "11. M\xC3\xA4rz 2021, 04:36",
                                        "11.03.2021, 04:36",
                                        "11.3.2021 04.36",
                                        "2021-03-11 04:36:00",
                                        "2021-03-11T04:36",
                                        "3/11/2021, 4:36 AM",
                                        "11/03/2021 04:36",
                                        "11-03-2021 04:36",
                                        "11 de mar\xC3\xA7o de 2021 04:36",
                                        "11 mar 2021, 4:36 a. m.",
                                        "11 marzo 2021, 04:36",
                                        "11 mrt 2021 04:36",
                                        "11. mar. 2021 04.36",
                                        "2021/03/11 04:36",
                                        "2021\xE5\xB9\xB4"
                                        "3\xE6\x9C\x88"
                                        "11\xE6\x97\xA5 4:36",
                                        "2021. 3. 11. \xEC\x98\xA4\xEC\xA0\x84 4:36",
                                        "  11.03.2021, 04:36 "}) {
        const auto moment = read_moment(text);
        BOOST_CHECK_MESSAGE(moment.kind == Moment::Kind::time && moment.seconds == march,
                            text << " " << moment.seconds);
        BOOST_TEST(!moment.zoned);
    }
}

BOOST_AUTO_TEST_CASE(every_month_of_english_french_and_german)
{
    constexpr const char* names[][12] = {
        {"January", "Feb", "March", "Apr", "May", "June", "July", "Aug", "September", "Oct", "Nov", "Dec"},
        {"janv.", "f\xC3\xA9vr.", "mars", "avr.", "mai", "juin", "juil.", "ao\xC3\xBBt", "sept.", "oct.", "nov.",
         "d\xC3\xA9"
         "c."},
        {"Januar", "Feb.", "M\xC3\xA4rz", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."}};
    for (const auto& language : names)
        for (int month = 0; month < 12; ++month) {
            const auto moment = read_moment("5. " + std::string(language[month]) + " 2022, 12:00");
            BOOST_CHECK_MESSAGE(moment.kind == Moment::Kind::time && activity::month_of(moment.seconds) == 624 + month,
                                language[month]);
        }
}

BOOST_AUTO_TEST_CASE(a_day_of_the_week_is_no_month)
{
    for (const auto* text : {"mardi 9 novembre 2021, 04:36", "maandag 9 november 2021 04:36", "mar. 9 nov. 2021, 04:36",
                             "martes, 9 de noviembre de 2021, 04:36", "9. marraskuuta 2021 04:36"}) {
        const auto moment = read_moment(text);
        BOOST_CHECK_MESSAGE(moment.kind == Moment::Kind::time && activity::month_of(moment.seconds) == 622, text);
    }
}

BOOST_AUTO_TEST_CASE(years_may_be_short)
{
    BOOST_TEST(read_moment("3/11/21, 4:36 AM").seconds == march);
    BOOST_TEST(read_moment("11.03.21, 04:36").seconds == march);
}

BOOST_AUTO_TEST_CASE(noon_and_midnight)
{
    BOOST_TEST(read_moment("Mar 11, 2021, 12:36 AM").seconds == march - 4 * 3600);
    BOOST_TEST(read_moment("Mar 11, 2021, 12:36 PM").seconds == march + 8 * 3600);
    BOOST_TEST(read_moment("Mar 11, 2021, 4:36 PM").seconds == march + 12 * 3600);
    BOOST_TEST(read_moment("11/03/2021, 4:36 p. m.").seconds != march); // American, so in November
    BOOST_TEST(read_moment("13/03/2021, 4:36 AM").seconds == march + 2 * 86'400);
}

BOOST_AUTO_TEST_CASE(a_zone_counts)
{
    for (const auto* text : {"2021-03-11T04:36:00Z", "2021-03-11T05:36:00.123+01:00", "2021-03-10T23:36:00-0500",
                             "Mar 11, 2021, 04:36 UTC", "2021-03-11 05:36 GMT+01:00"}) {
        const auto moment = read_moment(text);
        BOOST_TEST(moment.seconds == march, text);
        BOOST_TEST(moment.zoned);
    }
}

constexpr std::int64_t october = 1'760'046'780; // 2025-10-09 21:53 UTC

BOOST_AUTO_TEST_CASE(a_word_for_month_tells_which_number_is_one)
{
    for (const auto* text : {"thg 10 09, 2025 9:53:00 ch", "Tháng 10 9, 2025 21:53", "9 thg 10, 2025, 21:53",
                             "21:53 9 thg 10, 2025", "21:53:00 ngày 9 tháng 10 năm 2025", "mes 10 9, 2025 21:53",
                             "2025年10月9日 21:53", "2025년 10월 9일 오후 9:53", "9日10月2025年 21:53"}) {
        const auto moment = read_moment(text);
        BOOST_CHECK_MESSAGE(moment.kind == Moment::Kind::time && moment.seconds == october,
                            text << " " << moment.seconds);
    }
    BOOST_TEST(read_moment("thg 10 09, 2025 9:53:00 SA").seconds == october - 12 * 3600);
    for (const auto* text : {"foo 10 9, 2025 21:53", "Foo 10 13, 2025, 21:53", "10 9, 2025 21:53", "10 9 2025 21:53",
                             "9 x 10, 2025 21:53", "2025 x 10 9 21:53", "10/9-2025 21:53", "thg 10 09, 2025 9:53 xx 5"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind != Moment::Kind::none, text);
    for (const auto* text : {"foo 10 9, 2025 21:53", "Foo 10 13, 2025, 21:53", "10 9, 2025 21:53", "10 9 2025 21:53",
                             "9 x 10, 2025 21:53", "2025 x 10 9 21:53", "10/9-2025 21:53"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind == Moment::Kind::unread, text);
}

BOOST_AUTO_TEST_CASE(the_time_may_stand_before_the_date)
{
    for (const auto* text : {"21:53 9 October 2025", "21:53, 9 oct. 2025", "9:53 PM, Oct 9, 2025", "21:53 09.10.2025",
                             "Thu Oct 9 21:53:00 2025", "21:53 2025-10-09"}) {
        const auto moment = read_moment(text);
        BOOST_CHECK_MESSAGE(moment.kind == Moment::Kind::time && moment.seconds == october,
                            text << " " << moment.seconds);
        BOOST_TEST(!moment.zoned);
    }
    for (const auto* text : {"21:53 GMT+7, 9 October 2025", "21:53 +0700 9 October 2025", "21:53 UTC 9 October 2025"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind == Moment::Kind::unread, text); // a zone between them
}

BOOST_AUTO_TEST_CASE(digits_and_years_of_other_calendars_and_scripts_are_times_that_are_not_read)
{
    for (const auto* text : {"٩ أكتوبر ٢٠٢٥ ٩:٥٣ م", "۱۷ مهر ۱۴۰۴ ۲۱:۵۳", "९ अक्टूबर २०२५ २१:५३", "১০ অক্টোবর ২০২৫ ৯:৫৩",
                             "9 ต.ค. 2568 21:53", "๙ ต.ค. ๒๕๖๘ ๒๑:๕๓", "17 мехр 1404 21:53", "21:53 9 ต.ค. 2568",
                             "2025年10月9日", "9 oct. 2025 à 21 h 53", "９ Oct ２０２５ ２１:５３"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind != Moment::Kind::none, text);
    for (const auto* text : {"٩ أكتوبر ٢٠٢٥ ٩:٥٣ م", "9 ต.ค. 2568 21:53", "9 oct. 2025 à 21 h 53"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind == Moment::Kind::unread, text);
    for (const auto* text : {"10.0.0.1:443", "1:2", "12:30", "٤٢", "Video 12:30", "2001:db8::1", "shop 24 7"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind == Moment::Kind::none, text);
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_times_and_wrong_times_are_none)
{
    for (const std::string_view text :
         {"", "PURCHASE", "853766335050306", "Sale 2021", "4:36", "1.2.3", "Summer 2021 part 2"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind == Moment::Kind::none, text);
    for (const auto* text : {"30 Feb 2021, 04:36", "11.13.2021, 04:36", "11.03.2021, 24:36", "Mar 11, 2021, 13:36 PM",
                             "0.3.2021 04:36", "11 foo 2021 04:36"})
        BOOST_CHECK_MESSAGE(read_moment(text).kind == Moment::Kind::unread, text);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(entries)

BOOST_AUTO_TEST_CASE(entries_are_chosen_by_name)
{
    using imports::Entry;
    using imports::entry_of;
    for (const auto* path :
         {"apps_and_websites_off_of_facebook/your_off-facebook_activity.json",
          "facebook-ana/apps_and_websites_off_of_facebook/your_activity_off_meta_technologies.json",
          "a/b/apps_and_websites_off_of_instagram/apps_and_websites/your_activity_off_meta_technologies_2.json",
          "your_off-facebook_activity.json", "a\\apps_and_websites_off_of_facebook\\your_off-facebook_activity.json"})
        BOOST_CHECK_MESSAGE(entry_of(path) == Entry::json, path);
    for (const auto* path : {"apps_and_websites_off_of_facebook/your_activity_off_meta_technologies.html",
                             "x/apps_and_websites_off_of_facebook/your_activity_off_meta_technologies/0.html"})
        BOOST_CHECK_MESSAGE(entry_of(path) == Entry::html, path);
    for (const auto* path : {"", "posts/0.html", "apps_and_websites_off_of_facebook/settings.json",
                             "apps_and_websites_off_of_facebook/x.jpg",
                             "/apps_and_websites_off_of_facebook/your_off-facebook_activity.json",
                             "../your_off-facebook_activity.json", "a/../../your_off-facebook_activity.json",
                             "C:\\your_off-facebook_activity.json", "not_apps_and_websites_off_of_facebook/0.html",
                             "apps_and_websites_off_of_facebook/your_off-facebook_activity.json/"})
        BOOST_CHECK_MESSAGE(entry_of(path) == Entry::other, path);
    BOOST_TEST(imports::is_instagrams("a/apps_and_websites_off_of_instagram/x.json"));
    BOOST_TEST(!imports::is_instagrams("apps_and_websites_off_of_facebook/x.json"));
}

BOOST_AUTO_TEST_SUITE_END()
