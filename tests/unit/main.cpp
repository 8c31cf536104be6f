#define BOOST_TEST_MODULE paravent
#include <boost/test/unit_test.hpp>
