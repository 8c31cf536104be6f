#include "lists_folder.hpp"
#include "proxy/lists/inflate.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::lists;

BOOST_AUTO_TEST_SUITE(inflate_)

BOOST_AUTO_TEST_CASE(members_follow_each_other_and_padding_ends_them)
{
    std::string out;
    BOOST_CHECK(inflate_gzip(gzip("one\n") + gzip("two\n") + std::string(512, '\0'), 100, out) == Inflated::whole);
    BOOST_TEST(out == "one\ntwo\n");
}

BOOST_AUTO_TEST_CASE(a_cut_or_altered_file_is_damaged_at_every_place)
{
    const std::string whole = gzip("||tracker.example^\n||another.example^$script\n");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::string out;
        BOOST_CHECK(inflate_gzip(whole.substr(0, size), 1000, out) == Inflated::damaged);
    }
    for (std::size_t at = whole.size() - 8; at < whole.size(); ++at) { // check sum and length
        std::string altered = whole, out;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        BOOST_CHECK(inflate_gzip(altered, 1000, out) == Inflated::damaged);
    }
    std::string out;
    BOOST_CHECK(inflate_gzip(whole + "more", 1000, out) == Inflated::damaged);
}

BOOST_AUTO_TEST_CASE(the_bound_holds_to_the_byte_and_over_all_members)
{
    const std::string text(300'000, 'x');
    std::string out;
    BOOST_CHECK(inflate_gzip(gzip(text), 300'000, out) == Inflated::whole);
    BOOST_TEST(out.size() == 300'000u);
    out.clear();
    BOOST_CHECK(inflate_gzip(gzip(text), 299'999, out) == Inflated::too_large);
    BOOST_TEST(out.size() <= 299'999u);
    out.clear();
    BOOST_CHECK(inflate_gzip(gzip(text) + gzip(text), 599'999, out) == Inflated::too_large);
}

BOOST_AUTO_TEST_SUITE_END()
