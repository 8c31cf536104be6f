// What may take the place of a list, and how long it holds.
#include "proxy/lists/candidate.hpp"
#include "proxy/lists/fetch_message.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace paravent::lists;
namespace data = boost::unit_test::data;

namespace {

struct Refused {
    std::string text, fault;
};
std::ostream& operator<<(std::ostream& out, const Refused& row)
{
    return out << row.fault << ": " << row.text.substr(0, 40);
}

std::string lines(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "!\n";
    return text;
}

const std::vector<Refused> refused = {
    {"", "is empty"},
    {" \r\n\t\n", "is empty"},
    {"\xef\xbb\xbf\n", "is empty"},
    {"\n <!DOCTYPE html>\n||a.example^\n", "is a web page, no list"},
    {std::string("||a.example^\n\0", 14), "is no text"},
    {"\x7f"
     "ELF\x02\x01\n||a.example^\n",
     "is no text"},
    {"! words\n# words\n##.ad\n", "has no rule that could be used"},
    {"/(a/\n", "has no rule that could be used"},
    {"||a.example^\n" + std::string(1024 * 1024 + 1, 'a'), "has a line of more than 1 MiB (line 2)"},
    {lines(most_lines) + "||a.example^", "has more than 2000000 lines"},
};

struct Time {
    std::string text;
    int hours; ///< 0: nothing is said
};
std::ostream& operator<<(std::ostream& out, const Time& row)
{
    return out << row.text;
}

const std::vector<Time> times = {
    {"! Expires: 4 days (update frequency)\n", 96},
    {"[Adblock Plus 2.0]\n! Title: x\n! Expires: 12 hours\n", 12},
    {"# expires: 1d\n", 24},
    {"!Expires:3\r\n", 72},
    {"! EXPIRES: 6H\n", 6},
    {"! Expires: soon\n", 0},
    {"! Expires: 0 days\n", 0},
    {"! Expires: 99999999999999999999 days\n", 0},
    {"! It Expires: 4 days\n", 0},
    {"Expires: 4 days\n", 0},
    {"! Expires:", 0},
    {lines(64) + "! Expires: 4 days\n", 0},
};

} // namespace

BOOST_AUTO_TEST_SUITE(candidates)

BOOST_DATA_TEST_CASE(what_is_no_list_is_refused, data::make(refused), row)
{
    BOOST_TEST(examine(row.text).fault == row.fault);
}

BOOST_AUTO_TEST_CASE(a_list_of_any_form_is_taken_with_its_rules_counted)
{
    const auto list =
        examine("\xef\xbb\xbf[Adblock Plus 2.0]\r\n! Expires: 2 days\r\n||a.example^\r\n0.0.0.0 b.example\r\n"
                "c.example\r\n##.ad\r\n");
    BOOST_TEST(list.fault == "");
    BOOST_TEST(list.rules == 3u);
    BOOST_TEST((list.expires == std::chrono::hours{48}));
}

BOOST_DATA_TEST_CASE(a_lists_own_word_on_its_age_is_read, data::make(times), row)
{
    const auto expires = expires_in(row.text);
    BOOST_TEST(expires.has_value() == (row.hours != 0));
    if (expires)
        BOOST_TEST((*expires == std::chrono::hours{row.hours}));
}

BOOST_AUTO_TEST_CASE(a_list_that_shrinks_to_nearly_nothing_is_suspicious)
{
    BOOST_TEST(has_shrunk_away(80'000, 1));
    BOOST_TEST(has_shrunk_away(100, 4));
    BOOST_TEST(!has_shrunk_away(100, 5));
    BOOST_TEST(!has_shrunk_away(99, 1));
    BOOST_TEST(!has_shrunk_away(0, 1));
}

BOOST_AUTO_TEST_SUITE_END()
