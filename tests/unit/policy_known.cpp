#include "tests/unit/policy_house.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::policy;

BOOST_AUTO_TEST_CASE(a_known_device_is_found_by_id_name_and_address_and_none_is_made)
{
    House house;
    house.settings.devices = {entry("Kitchen", "192.168.1.20", "")};
    const auto id = house.policy().meet("192.168.1.20")->device.id;
    for (const auto* text : {id.c_str(), "Kitchen", "kitchen", "192.168.1.20", "::ffff:192.168.1.20"})
        BOOST_TEST(house.policy().known(text).id == id, text);
    BOOST_CHECK_THROW(house.policy().known("192.168.1.21"), PolicyError);
    BOOST_CHECK_EXCEPTION(house.policy().known("Kitchem"), PolicyError, [](const PolicyError& error) {
        return std::string(error.what()).find("did you mean Kitchen") != std::string::npos;
    });
    BOOST_TEST(house.policy().devices().size() == 1u);
}

BOOST_AUTO_TEST_CASE(this_computer_is_known_by_all_its_loopback_addresses)
{
    House house;
    BOOST_CHECK_THROW(house.policy().known("127.0.0.1"), PolicyError);
    const auto id = house.policy().meet("127.0.0.1")->device.id;
    BOOST_TEST(house.policy().known("::1").id == id);
    BOOST_TEST(house.policy().known("127.0.0.9").id == id);
}
