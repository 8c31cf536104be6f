#include "proxy/machine/socket_units.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::machine;

BOOST_AUTO_TEST_SUITE(socket_units)

BOOST_AUTO_TEST_CASE(sockets_of_active_units_are_read_by_their_names)
{
    const auto all = read_unit_sockets("Listen=127.0.0.1:8480 (Stream)\nId=paravent.socket\nActiveState=active\n\n"
                                       "Listen=127.0.0.1:8481 (Stream)\nId=paravent-dashboard.socket\n"
                                       "ActiveState=inactive\n\n"
                                       "Id=paravent-steered.socket\nActiveState=active\nListen=0.0.0.0:443 (Stream)\n"
                                       "Listen=[::]:443 (Stream)\n\n"
                                       "Listen=/run/other (Stream)\nListen=0.0.0.0:x (Stream)\n"
                                       "Id=paravent-redirected.socket\nActiveState=active\n\n"
                                       "Listen=0.0.0.0:22 (Stream)\nId=ssh.socket\nActiveState=active\n");
    BOOST_REQUIRE(all.size() == 2u);
    BOOST_TEST((all.at("proxy") == std::vector<Listening>{{"127.0.0.1", 8480, 0}}));
    BOOST_TEST((all.at("steered") == std::vector<Listening>{{"0.0.0.0", 443, 0}, {"::", 443, 0}}));
    BOOST_TEST(read_unit_sockets("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
