#include "proxy/wire/pac.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>
#include <vector>

using paravent::wire::pac_file;
using paravent::wire::pac_file_for_all;

namespace {

const std::vector<std::string_view> home = {"lan", "local"};

} // namespace

BOOST_AUTO_TEST_CASE(a_pac_file_falls_back_to_direct_in_every_case)
{
    const std::vector<std::string> domains = {"facebook.com", "paravent.local"};
    const auto some = pac_file("192.168.1.2:8480", domains);
    BOOST_TEST(some.find("[\"facebook.com\", \"paravent.local\"]") != std::string::npos);
    BOOST_TEST(some.find("\"PROXY 192.168.1.2:8480; DIRECT\"") != std::string::npos);
    const auto all = pac_file_for_all("[fd00::2]:8480", domains, home);
    BOOST_TEST(all.find("\"PROXY [fd00::2]:8480; DIRECT\"") != std::string::npos);
    BOOST_TEST(all.find("home = [\"lan\", \"local\"]") != std::string::npos);
    BOOST_TEST(pac_file_for_all("", domains, home) == pac_file("", domains));
    BOOST_TEST(pac_file("", domains) == "function FindProxyForURL(url, host) {\n    return \"DIRECT\";\n}\n");
}

BOOST_AUTO_TEST_CASE(other_boxes_are_asked_in_their_order_before_going_straight_out)
{
    const std::vector<std::string> others = {"192.168.1.3:8480", "[fd00::3]:8480"};
    const std::vector<std::string> domains = {"facebook.com"};
    for (const auto& file :
         {pac_file("192.168.1.2:8480", domains, others), pac_file_for_all("192.168.1.2:8480", domains, home, others)})
        BOOST_TEST(file.find("\"PROXY 192.168.1.2:8480; PROXY 192.168.1.3:8480; PROXY [fd00::3]:8480; DIRECT\"") !=
                   std::string::npos);
    BOOST_TEST(pac_file("", {}, others).find("PROXY") == std::string::npos); // who may not use this one gets none
}
