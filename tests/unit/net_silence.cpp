#include "proxy/net/silence.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent;

BOOST_AUTO_TEST_SUITE(silence)

BOOST_AUTO_TEST_CASE(is_said_once_three_names_had_no_answer)
{
    const auto begun = net::Silence::Clock::now();
    net::Silence silence;
    BOOST_TEST(!silence.since().has_value());
    silence.goes_on("a.example", begun);
    silence.goes_on("b.example", begun + std::chrono::seconds(10));
    BOOST_TEST(!silence.since().has_value());
    silence.goes_on("c.example", begun + std::chrono::seconds(20));
    BOOST_REQUIRE(silence.since().has_value());
    BOOST_TEST((*silence.since() == begun), "it began with the first of them");
}

BOOST_AUTO_TEST_CASE(of_one_name_alone_is_that_names_own_fault)
{
    net::Silence silence;
    for (int i = 0; i < 100; ++i)
        silence.goes_on("broken.example");
    BOOST_TEST(!silence.since().has_value());
}

BOOST_AUTO_TEST_CASE(ends_with_the_first_answer)
{
    net::Silence silence;
    for (const char* name : {"a.example", "b.example", "c.example"})
        silence.goes_on(name);
    silence.over();
    BOOST_TEST(!silence.since().has_value());
    silence.goes_on("c.example");
    BOOST_TEST(!silence.since().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
