#include "config/address.hpp"
#include "config/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace paravent::config;

namespace {

struct Pair {
    std::string text;
    std::string expected; ///< empty: refused
};
std::ostream& operator<<(std::ostream& out, const Pair& pair)
{
    return out << pair.text;
}

const std::vector<Pair> addresses = {
    {"127.0.0.1", "127.0.0.1"},
    {"2001:DB8:0:0::1", "2001:db8::1"},
    {"::ffff:192.168.1.20", "192.168.1.20"},
    {"::ffff:7f00:1", "127.0.0.1"},
    {"", ""},
    {"127.1", ""},
    {"127.0.0.01", ""},
    {"0x7f.0.0.1", ""},
    {"1.2.3.256", ""},
    {"1.2.3.4 ", ""},
    {"[::1]", ""},
    {"fe80::1%eth0", ""},
    {"localhost", ""},
    {std::string("127.0.0.1\0", 10), ""},
};
const std::vector<Pair> networks = {
    {"192.168.1.0/24", "192.168.1.0/24"},
    {"10.0.0.0/8", "10.0.0.0/8"},
    {"0.0.0.0/0", "0.0.0.0/0"},
    {"fd00::/8", "fd00::/8"},
    {"192.168.1.20", "192.168.1.20"},
    {"192.168.1.20/32", "192.168.1.20"},
    {"::1/128", "::1"},
    {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
    {"192.168.1.20/24", ""},
    {"fd00::1/64", ""},
    {"192.168.1.0/33", ""},
    {"::/129", ""},
    {"192.168.1.0/", ""},
    {"192.168.1.0/-1", ""},
    {"192.168.1.0/2 4", ""},
    {"192.168.1.0/24/24", ""},
    {"/24", ""},
    {"home", ""},
};
const std::vector<Pair> macs = {
    {"00:1A:2b:3C:4d:5E", "00:1a:2b:3c:4d:5e"},
    {"00-1a-2b-3c-4d-5e", "00:1a:2b:3c:4d:5e"},
    {"00:1a-2b:3c:4d:5e", ""},
    {"001a2b3c4d5e", ""},
    {"00:1a:2b:3c:4d", ""},
    {"00:1a:2b:3c:4d:5g", ""},
    {"01:00:5e:00:00:01", ""},
    {"ff:ff:ff:ff:ff:ff", ""},
    {"00:00:00:00:00:00", ""},
    {"", ""},
};
const std::vector<Pair> names = {
    {"paravent.local", "paravent.local"},
    {"Box", "box"},
    {"a-b.example.", "a-b.example"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"", ""},
    {".", ""},
    {"a..b", ""},
    {"-a.example", ""},
    {"a-.example", ""},
    {"192.168.1.2", ""},
    {"box.1", ""},
    {"b\xc3\xbc"
     "cher.example",
     ""},
    {"a_b.example", ""},
    {"host:80", ""},
    {std::string(64, 'a') + ".example", ""},
};
const std::vector<Pair> endpoints = {
    {"127.0.0.1:8480", "127.0.0.1 8480"},
    {"[::1]:8480", "::1 8480"},
    {"0.0.0.0:1", "0.0.0.0 1"},
    {"[::]:65535", ":: 65535"},
    {"[::ffff:127.0.0.1]:80", "127.0.0.1 80"},
    {"0.0.0.0:84800", ""},
    {"127.0.0.1:0", ""},
    {"127.0.0.1:", ""},
    {"127.0.0.1:+80", ""},
    {"127.0.0.1: 80", ""},
    {"127.0.0.1:80x", ""},
    {"127.0.0.1", ""},
    {":8480", ""},
    {"8480", ""},
    {"::1:8480", ""},
    {"[::1]", ""},
    {"[::1]8480", ""},
    {"[::1:8480", ""},
    {"[127.0.0.1]:8480", ""},
    {"localhost:8480", ""},
    {"", ""},
};

void compare(const std::optional<std::string>& read, const Pair& pair)
{
    BOOST_TEST(read.has_value() == !pair.expected.empty());
    BOOST_TEST(read.value_or("") == pair.expected);
}

} // namespace

BOOST_DATA_TEST_CASE(addresses_are_numeric_and_unmapped, data::make(addresses), pair)
{
    compare(parse_address(pair.text), pair);
}

BOOST_DATA_TEST_CASE(networks_have_no_host_bits, data::make(networks), pair)
{
    compare(parse_network(pair.text), pair);
}

BOOST_DATA_TEST_CASE(mac_addresses_are_those_of_one_device, data::make(macs), pair)
{
    compare(parse_mac(pair.text), pair);
}

BOOST_DATA_TEST_CASE(host_names_are_lower_case_and_no_address, data::make(names), pair)
{
    compare(parse_host_name(pair.text), pair);
}

BOOST_DATA_TEST_CASE(endpoints_have_a_numeric_address_and_a_port, data::make(endpoints), pair)
{
    const auto read = parse_endpoint(pair.text);
    compare(read ? std::optional(read->address + ' ' + std::to_string(read->port)) : std::nullopt, pair);
}

BOOST_AUTO_TEST_CASE(a_port_may_be_left_out_where_there_is_a_usual_one)
{
    for (const auto* text : {"2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:53"})
        BOOST_TEST((parse_endpoint(text, 53) == Endpoint{"2001:db8::1", 53}));
    BOOST_TEST((parse_endpoint("192.0.2.1", 53) == Endpoint{"192.0.2.1", 53}));
    BOOST_TEST((parse_endpoint("192.0.2.1:5353", 53) == Endpoint{"192.0.2.1", 5353}));
    BOOST_TEST(!parse_endpoint("192.0.2.1:0", 53).has_value());
}

BOOST_AUTO_TEST_CASE(a_hint_shows_the_network_around_an_address)
{
    BOOST_TEST(network_around("192.168.1.20/24").value() == "192.168.1.0/24");
    BOOST_TEST(network_around("fd00:1::5/31").value() == "fd00::/31");
    BOOST_TEST(!network_around("home/24").has_value());
}
