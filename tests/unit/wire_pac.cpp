#include "proxy/wire/pac.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using paravent::wire::pac_file;

BOOST_AUTO_TEST_CASE(a_pac_file_falls_back_to_direct_in_every_case)
{
    const std::vector<std::string> domains = {"facebook.com", "paravent.local"};
    const auto some = pac_file("192.168.1.2:8480", domains);
    BOOST_TEST(some.find("[\"facebook.com\", \"paravent.local\"]") != std::string::npos);
    BOOST_TEST(some.find("\"PROXY 192.168.1.2:8480; DIRECT\"") != std::string::npos);
    const auto all = pac_file("[fd00::2]:8480", {});
    BOOST_TEST(all.find("\"PROXY [fd00::2]:8480; DIRECT\"") != std::string::npos);
    BOOST_TEST(pac_file("", domains) == "function FindProxyForURL(url, host) {\n    return \"DIRECT\";\n}\n");
}

BOOST_AUTO_TEST_CASE(other_boxes_are_asked_in_their_order_before_going_straight_out)
{
    const std::vector<std::string> others = {"192.168.1.3:8480", "[fd00::3]:8480"};
    for (const auto& domains : {std::vector<std::string>{}, std::vector<std::string>{"facebook.com"}})
        BOOST_TEST(pac_file("192.168.1.2:8480", domains, others)
                       .find("\"PROXY 192.168.1.2:8480; PROXY 192.168.1.3:8480; PROXY [fd00::3]:8480; DIRECT\"") !=
                   std::string::npos);
    BOOST_TEST(pac_file("", {}, others).find("PROXY") == std::string::npos); // who may not use this one gets none
}
