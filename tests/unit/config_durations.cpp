#include "config/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using paravent::config::Duration;
using paravent::config::parse_duration;

namespace {

struct Written {
    const char* text;
    long long milliseconds;
};
std::ostream& operator<<(std::ostream& out, const Written& written)
{
    return out << written.text;
}

const std::vector<Written> good = {
    {"0s", 0},         {"1s", 1'000},
    {"10m", 600'000},  {"10min", 600'000},
    {"2h", 7'200'000}, {"30d", 2'592'000'000},
    {"0.5s", 500},     {"1.25h", 4'500'000},
    {"0.001s", 1},     {"3653d", 315'619'200'000},
    {"007s", 7'000},
};
const std::vector<std::string> bad = {
    "",
    "s",
    "10",
    "250ms",
    "-1s",
    "+1s",
    "1 s",
    " 1s",
    "1s ",
    "1S",
    "1w",
    "1.s",
    ".5s",
    "1.1234s",
    "1e3s",
    "1,5s",
    "1h30m",
    "3654d",
    "3653.001d",
    "99999999999h",
    "9223372036854775807d",
    "10\xc2\xa0s",
    std::string("1s\0", 3),
};

} // namespace

BOOST_DATA_TEST_CASE(a_number_and_a_unit_is_a_duration, data::make(good), written)
{
    const auto read = parse_duration(written.text);
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(read->count() == written.milliseconds);
}

BOOST_DATA_TEST_CASE(anything_else_is_none, data::make(bad), text)
{
    BOOST_TEST(!parse_duration(text).has_value());
}
