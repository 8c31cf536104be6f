#include "config/unserved.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::config;

BOOST_AUTO_TEST_CASE(the_defaults_ask_for_nothing_that_is_not_served)
{
    BOOST_TEST(unserved(Settings{}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_read_but_not_served_is_named_by_its_key)
{
    const auto said = unserved(parse_settings(R"([proxy]
steered = ["192.0.2.1:443"]
redirected = ["192.0.2.1:8443"]
)",
                                              "paravent.toml"));
    const std::vector<std::string> keys = {"proxy.steered", "proxy.redirected"};
    BOOST_TEST_REQUIRE(said.size() == keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        BOOST_TEST(said[i].starts_with(keys[i] + " is read but not served by this version"), said[i]);
}
