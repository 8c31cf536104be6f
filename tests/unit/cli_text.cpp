#include "proxy/cli/client.hpp"
#include "proxy/cli/event_stream.hpp"
#include "proxy/cli/list_file.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"
#include "tests/unit/folder.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <ctime>
#include <filesystem>
#include <sstream>

namespace cli = paravent::cli;

BOOST_AUTO_TEST_CASE(what_a_page_wrote_is_inert_in_a_table)
{
    cli::Table table({"EVENT", "SITE"});
    table.add({"\x1b[2J\x1b]0;title\x07", "a"});
    table.add({"\xe2\x80\xae"
               "desrever",
               "b"}); // right-to-left override
    table.add({"two\nlines\xc2\x9b"
               "31m",
               "c"}); // CSI in one character
    table.add({"broken \xff\xc0\xaf", "d"});
    std::ostringstream out;
    table.print(out);
    const auto text = out.str();
    BOOST_TEST(text.find('\x1b') == std::string::npos);
    BOOST_TEST(text.find('\x07') == std::string::npos);
    BOOST_TEST(text.find("\xe2\x80\xae") == std::string::npos);
    BOOST_TEST(text.find("\xc2\x9b") == std::string::npos);
    BOOST_TEST(text.find('\xff') == std::string::npos);
    BOOST_TEST(text.find("\\u{1b}[2J") != std::string::npos);
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 5);
}

BOOST_AUTO_TEST_CASE(columns_are_aligned_by_characters_not_by_bytes)
{
    cli::Table table({"A", "B"});
    table.add({"\xc3\xa9\xc3\xa9", "x"});
    table.add({"eee", "y"});
    std::ostringstream out;
    table.print(out);
    BOOST_TEST(out.str() == "A    B\n\xc3\xa9\xc3\xa9   x\neee  y\n");
}

BOOST_AUTO_TEST_CASE(ordinary_text_of_any_language_stays_as_it_is)
{
    for (const std::string text : {"shop.example", "caf\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x8e\x89", ""})
        BOOST_TEST(paravent::dashboard::inert(text) == text);
}

BOOST_AUTO_TEST_CASE(events_are_read_whatever_the_pieces)
{
    const std::string bytes =
        ": listening\nretry: 3000\n\nid: 1\ndata: {\"id\": 1}\n\n: \n\nevent: dropped\ndata: {\"dropped\": 7}\n\n"
        "data: a\ndata:b\n\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        cli::EventStream stream;
        std::string seen;
        for (std::size_t at = 0; at < bytes.size(); at += size)
            BOOST_TEST(stream.read(std::string_view(bytes).substr(at, size),
                                   [&](std::string_view name, std::string_view data) {
                                       seen += std::string(name) + "|" + std::string(data) + "/";
                                       return true;
                                   }));
        BOOST_TEST(seen == "|{\"id\": 1}/dropped|{\"dropped\": 7}/|a\nb/");
    }
}

BOOST_AUTO_TEST_CASE(the_reader_of_events_stops_when_told)
{
    cli::EventStream stream;
    int seen = 0;
    BOOST_TEST(!stream.read("data: 1\n\ndata: 2\n\n", [&](std::string_view, std::string_view) { return ++seen < 1; }));
    BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(an_event_without_end_is_given_up)
{
    cli::EventStream stream;
    const auto ignore = [](std::string_view, std::string_view) { return true; };
    const std::string piece(64 * 1024, 'x');
    BOOST_CHECK_THROW(for (int i = 0; i < 32; ++i) stream.read(piece, ignore), cli::Failure);
}

BOOST_AUTO_TEST_CASE(parameters_are_escaped_and_empty_ones_left_out)
{
    BOOST_TEST(cli::query_of({{"url", "https://a.example/?b=c&d"}, {"from", ""}, {"q", "\xc3\xa9 +"}}) ==
               "?url=https%3A%2F%2Fa.example%2F%3Fb%3Dc%26d&q=%C3%A9%20%2B");
    BOOST_TEST(cli::query_of({{"url", ""}}) == "");
    BOOST_TEST(cli::escaped("../events") == "..%2Fevents");
}

BOOST_AUTO_TEST_CASE(a_wrong_duration_is_wrong_usage)
{
    BOOST_TEST((cli::duration_of("--for", "10m") == std::chrono::minutes{10}));
    for (const char* text : {"", "10", "m", "10 m", "-1m", "7x", "99999999999999999999d"})
        BOOST_CHECK_EXCEPTION(cli::duration_of("--for", text), cli::Failure, [](const cli::Failure& failure) {
            return failure.status == cli::wrong_usage && std::string(failure.what()).starts_with("--for: ");
        });
}

BOOST_AUTO_TEST_CASE(times_are_shown_in_the_users_zone)
{
    ::setenv("TZ", "Europe/Vienna", 1);
    ::tzset();
    const auto shown = cli::local_time(std::string_view("2026-11-24T09:12:44.120Z"));
    ::unsetenv("TZ");
    ::tzset();
    BOOST_TEST((shown == "2026-11-24 10:12:44" || shown == "2026-11-24 09:12:44")); // without zone files: UTC
    BOOST_TEST(cli::local_time(std::string_view("no time")) == "no time");
    BOOST_TEST(cli::local_time(std::int64_t{0}) == "");
}

BOOST_AUTO_TEST_CASE(members_of_answers_become_text)
{
    const auto value = boost::json::parse(R"({"a": "x", "b": 1.5, "c": null, "d": ["em", "ph"], "e": true})");
    const auto& object = value.as_object();
    BOOST_TEST(cli::text_at(object, "a") == "x");
    BOOST_TEST(cli::text_at(object, "b") == "1.5");
    BOOST_TEST(cli::text_at(object, "c") == "");
    BOOST_TEST(cli::text_at(object, "d") == "em ph");
    BOOST_TEST(cli::text_at(object, "none") == "");
    BOOST_TEST(cli::yes_at(object, "e") == "yes");
    BOOST_TEST(cli::yes_at(object, "none") == "");
}

BOOST_AUTO_TEST_CASE(a_list_that_cannot_be_read_names_its_file)
{
    const Folder folder;
    const auto& path = folder.path;
    write(path / "plain.txt", "||a.example^\n");
    write(path / "broken.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", 11));
    BOOST_TEST(cli::read_list(path / "plain.txt") == "||a.example^\n");
    for (const auto& file : {path / "broken.gz", path / "missing.txt", path})
        BOOST_CHECK_EXCEPTION(cli::read_list(file), cli::Failure, [&](const cli::Failure& failure) {
            return failure.status == cli::wrong_usage && std::string(failure.what()).starts_with(file.string() + ": ");
        });
}
