#include "proxy/steering/records.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <sstream>
#include <vector>

using namespace paravent::steering;
namespace data = boost::unit_test::data;

namespace {

const std::array<std::string, 2> names{"facebook.com", "www.facebook.com"};
const std::vector<std::string> dialects{"pihole", "adguard", "dnsmasq", "unbound"};

/// The lines that are no comment.
std::vector<std::string> lines(std::string_view dialect, const BoxAddresses& box)
{
    std::istringstream in(records(*dialect_named(dialect), names, box));
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);)
        if (!line.empty() && line[0] != '#' && line[0] != '!')
            out.push_back(line);
    return out;
}

bool has(const std::vector<std::string>& all, const std::string& line)
{
    return std::find(all.begin(), all.end(), line) != all.end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(steering_records)

BOOST_DATA_TEST_CASE(a_dialect_is_known_by_its_name, data::make(dialects), name)
{
    BOOST_TEST(name_of(*dialect_named(name)) == name);
    BOOST_TEST(!dialect_named(name + "x"));
}

BOOST_AUTO_TEST_CASE(dnsmasq_keeps_the_name_and_lets_go_of_what_lies_below)
{
    const auto all = lines("dnsmasq", {"192.168.1.2", "fd00::2"});
    BOOST_TEST(all.front() == "host-record=paravent,192.168.1.2,fd00::2,60"); // the address's own name is not Meta's
    BOOST_TEST(has(all, "host-record=facebook.com,192.168.1.2,fd00::2,60"));
    BOOST_TEST(has(all, "local=/facebook.com/"));
    BOOST_TEST(has(all, "server=/*.facebook.com/#"));
    BOOST_TEST((lines("pihole", {"192.168.1.2", "fd00::2"}) == all));
}

BOOST_AUTO_TEST_CASE(an_address_that_is_not_there_makes_no_record)
{
    BOOST_TEST(has(lines("dnsmasq", {"192.168.1.2", ""}), "host-record=facebook.com,192.168.1.2,60"));
    BOOST_TEST(has(lines("dnsmasq", {"", "fd00::2"}), "host-record=facebook.com,fd00::2,60"));
    BOOST_TEST((lines("adguard", {"192.168.1.2", ""}) ==
                std::vector<std::string>{"|facebook.com^$dnsrewrite=NOERROR;A;192.168.1.2",
                                         "|www.facebook.com^$dnsrewrite=NOERROR;A;192.168.1.2"}));
    BOOST_TEST((lines("unbound", {"", "fd00::2"}) ==
                std::vector<std::string>{"server:", "    local-zone: \"facebook.com.\" transparent",
                                         "    local-data: \"facebook.com. 60 IN AAAA fd00::2\"",
                                         "    local-zone: \"www.facebook.com.\" transparent",
                                         "    local-data: \"www.facebook.com. 60 IN AAAA fd00::2\""}));
}

BOOST_DATA_TEST_CASE(no_line_speaks_of_an_https_record, data::make(dialects), name)
{
    for (const auto& line : lines(name, {"192.168.1.2", "fd00::2"}))
        BOOST_TEST(line.find("HTTPS") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
