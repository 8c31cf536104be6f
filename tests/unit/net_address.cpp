#include "proxy/net/address.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::net;

BOOST_AUTO_TEST_SUITE(net_address)

BOOST_AUTO_TEST_CASE(what_is_not_the_internet_is_so_in_every_dress)
{
    const auto is = [](const char* text) { return is_public(boost::asio::ip::make_address(text)); };
    for (const auto* text :
         {"10.1.2.3", "172.31.0.1", "192.168.1.1", "100.127.0.1", "198.19.0.1", "192.0.0.8", "240.0.0.1",
          "255.255.255.255", "::", "::1", "::10.0.0.1", "fd09::1", "fe80::1", "fec0::1", "ff02::1", "64:ff9b::10.1.2.3",
          "64:ff9b::127.0.0.1", "2002:0a01:0203::1", "2002:c0a8:0101::1"})
        BOOST_TEST(!is(text), text);
    for (const auto* text : {"9.9.9.9", "172.32.0.1", "198.20.0.1", "2a03:2880::1", "64:ff9b::9.9.9.9", "64:ff9b:1::1",
                             "2002:0909:0909::1"})
        BOOST_TEST(is(text), text);
    BOOST_TEST((outermost(not_public()) == not_public()));
}

BOOST_AUTO_TEST_CASE(a_network_within_another_one_is_left_out)
{
    const std::vector<std::string> words{"10.9.1.0/24", "fd09::1",  "10.0.0.0/8", "10.9.1.7",
                                         "10.0.0.0/8",  "fd00::/8", "192.0.2.1"};
    std::string left;
    for (const auto& network : outermost(networks(words)))
        left += network.text() + " ";
    BOOST_TEST(left == "10.0.0.0/8 fd00::/8 192.0.2.1/32 ");
}

BOOST_AUTO_TEST_SUITE_END()
