#include "proxy/steering/passage.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::steering;

namespace {

/// As nft 1.0 answers.
constexpr std::string_view answer = "table inet paravent {\n"
                                    "\tcounter led4 {\n\t\tpackets 12 bytes 720\n\t}\n\n"
                                    "\tcounter led6 {\n\t\tpackets 0 bytes 0\n\t}\n\n"
                                    "\tcounter came4 {\n\t\tpackets 7 bytes 420\n\t}\n\n"
                                    "\tcounter came6 {\n\t\tpackets 3 bytes 240\n\t}\n}\n";

} // namespace

BOOST_AUTO_TEST_SUITE(passage)

BOOST_AUTO_TEST_CASE(each_family_has_its_counters)
{
    const auto v4 = passage_in(answer, Family::v4), v6 = passage_in(answer, Family::v6);
    BOOST_TEST(v4.led == 12U);
    BOOST_TEST(v4.came == 7U);
    BOOST_TEST(v6.led == 0U);
    BOOST_TEST(v6.came == 3U);
    BOOST_TEST(passage_in("", Family::v4).led == 0U);
    BOOST_TEST(passage_in("\tcounter led4 {\n", Family::v4).led == 0U);
}

BOOST_AUTO_TEST_CASE(lost_is_what_is_led_twice_and_does_not_come_in_two_looks)
{
    Arrival arrival;
    BOOST_TEST(!arrival.is_lost({5, 5}));
    BOOST_TEST(!arrival.is_lost({6, 5})); // on its way
    BOOST_TEST(!arrival.is_lost({7, 5}));
    BOOST_TEST(arrival.is_lost({7, 5}));
    arrival.forget();
    BOOST_TEST(!arrival.is_lost({7, 5})); // what was lost before is not lost again
    BOOST_TEST(!arrival.is_lost({7, 5}));
}

BOOST_AUTO_TEST_CASE(one_that_comes_says_that_the_way_is_open)
{
    Arrival arrival;
    arrival.is_lost({0, 0});
    BOOST_TEST(!arrival.is_lost({9, 0}));
    BOOST_TEST(!arrival.is_lost({9, 1})); // the counters were read one after the other
    BOOST_TEST(!arrival.is_lost({10, 1}));
    BOOST_TEST(!arrival.is_lost({10, 1}));
}

BOOST_AUTO_TEST_CASE(a_table_that_was_loaded_anew_counts_from_zero)
{
    Arrival arrival;
    arrival.is_lost({100, 100});
    BOOST_TEST(!arrival.is_lost({0, 0}));
    BOOST_TEST(!arrival.is_lost({2, 0}));
    BOOST_TEST(arrival.is_lost({3, 0}));
}

BOOST_AUTO_TEST_SUITE_END()
