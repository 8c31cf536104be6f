#include "proxy/wire/link_decoration.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <vector>

using namespace paravent::wire;
namespace data = boost::unit_test::data;

namespace {

struct Cut {
    std::string from, to; ///< the same: there is nothing to cut
};
std::ostream& operator<<(std::ostream& out, const Cut& cut)
{
    return out << cut.from;
}

const std::vector<Cut> cuts = {
    {"http://shop.example/?fbclid=IwAR0", "http://shop.example/"},
    {"http://shop.example?fbclid=IwAR0", "http://shop.example"},
    {"/?fbclid=x", "/"},
    {"/a?fbclid", "/a"},
    {"/a?fbclid=", "/a"},
    {"/a?fbclid=x=y", "/a"},
    {"/a?b=1&fbclid=x", "/a?b=1"},
    {"/a?fbclid=x&b=1", "/a?b=1"},
    {"/a?b=1&fbclid=x&c=2", "/a?b=1&c=2"},
    {"/a?mibextid=1&rdid=2&igsh=3&igshid=4&__tn__=5&z=6", "/a?z=6"},
    {"/a?__cft__[0]=x&__cft__[1]=y&__cft__[12]=z", "/a"},
    {"/a?__cft__%5B0%5D=x&b=1", "/a?b=1"},
    {"/a?__cft__%5b0%5d=x&b=1", "/a?b=1"},
    {"/a?%66bclid=x&b=1", "/a?b=1"},
    {"/a?fbclid=x&fbclid=y", "/a"},
    // The rest stays as it is.
    {"/a?q=a+b%20c&fbclid=x&r=%e4%FC&s=\xc3\xa4", "/a?q=a+b%20c&r=%e4%FC&s=\xc3\xa4"},
    {"/a?b&&fbclid=x&&c", "/a?b&&&c"},
    {"/a?&fbclid=x&b", "/a?&b"},
    {"/a?b&fbclid=x&", "/a?b&"},
    {"/a?&fbclid=x", "/a"},
    {"/a?b=1?c&fbclid=x", "/a?b=1?c"},
    {"/a?fbclid=x#top", "/a#top"},
    {"/a?b=1&fbclid=x#top?fbclid=y", "/a?b=1#top?fbclid=y"},
    {"http://shop.example:8080/a;v=1?b=http://x/?c=1&fbclid=x", "http://shop.example:8080/a;v=1?b=http://x/?c=1"},
    // Nothing to cut.
    {"", ""},
    {"/", "/"},
    {"/a?", "/a?"},
    {"/a?b=1&c", "/a?b=1&c"},
    {"/a?b=fbclid&c=fbclid=1", "/a?b=fbclid&c=fbclid=1"},
    {"/a?xfbclid=1&fbclidx=2&fbcli=3&FBCLID=4", "/a?xfbclid=1&fbclidx=2&fbcli=3&FBCLID=4"},
    {"/a?__cft__=1&__cft__[]=2&__cft__[x]=3&__cft__[0=4&__cft__0]=5",
     "/a?__cft__=1&__cft__[]=2&__cft__[x]=3&__cft__[0=4&__cft__0]=5"},
    {"/a?__cft__[000000000000000000000000000000000]=1", "/a?__cft__[000000000000000000000000000000000]=1"},
    {"/fbclid=x", "/fbclid=x"},
    {"/a#?fbclid=x", "/a#?fbclid=x"},
    {"/a#b?fbclid=x", "/a#b?fbclid=x"},
    {"/a?b;fbclid=x", "/a?b;fbclid=x"},
    {"/a?fbclid%=x&%=y", "/a?fbclid%=x&%=y"},
};

struct Link {
    std::string host, path, to; ///< empty: it is left to Meta
};
std::ostream& operator<<(std::ostream& out, const Link& link)
{
    return out << link.host << link.path;
}

const std::vector<Link> links = {
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1%26fbclid%3DIwAR0&h=AT0",
     "https://shop.example/a?b=1"},
    {"lm.facebook.com", "/l.php?h=AT0&u=http%3A%2F%2Fshop.example%2F", "http://shop.example/"},
    {"l.instagram.com", "/?u=https%3A%2F%2Fshop.example%2F%3Ffbclid%3Dx%23top&e=AT0", "https://shop.example/#top"},
    {"l.facebook.com", "/l.php?u=https://shop.example/a+b", "https://shop.example/a+b"},
    {"l.facebook.com", "/l.php?u=HTTPS%3a%2f%2fSHOP.example", "HTTPS://SHOP.example"},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F%25C3%25A4%2520", "https://shop.example/%C3%A4%20"},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dx", "https://l.facebook.com/l.php?u=x"},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F%ZZ", "https://shop.example/%ZZ"},
    // Another address.
    {"www.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F", ""},
    {"l.facebook.com", "/?u=https%3A%2F%2Fshop.example%2F", ""},
    {"l.facebook.com", "/l.php/x?u=https%3A%2F%2Fshop.example%2F", ""},
    {"l.instagram.com", "/l.php?u=https%3A%2F%2Fshop.example%2F", ""},
    {"l.facebook.com", "/l.php", ""},
    // Nothing to lead to, or more than one thing.
    {"l.facebook.com", "/l.php?h=1", ""},
    {"l.facebook.com", "/l.php?u=", ""},
    {"l.facebook.com", "/l.php?u", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fa.example&u=https%3A%2F%2Fb.example", ""},
    // What a browser would run, guess at, or read as the head's next line.
    {"l.facebook.com", "/l.php?u=javascript%3Aalert(1)", ""},
    {"l.facebook.com", "/l.php?u=data%3Atext%2Fhtml,x", ""},
    {"l.facebook.com", "/l.php?u=fb%3A%2F%2Fprofile", ""},
    {"l.facebook.com", "/l.php?u=ws%3A%2F%2Fshop.example%2F", ""},
    {"l.facebook.com", "/l.php?u=%2F%2Fshop.example%2F", ""},
    {"l.facebook.com", "/l.php?u=shop.example", ""},
    {"l.facebook.com", "/l.php?u=%20https%3A%2F%2Fshop.example%2F", ""},
    {"l.facebook.com", "/l.php?u=https%3A%5C%5Cshop.example%2F", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2F%2Fshop.example", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fbank.example%40shop.example%2F", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%3A0%2F", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F%0D%0ASet-Cookie%3A%20a%3Db", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F%00", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2Fa%20b", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F%C3%A4", ""},
    {"l.facebook.com", "/l.php?u=https%3A%2F%2Fshop.example%2F" + std::string(max_linked_bytes, 'a'), ""},
    {"l.facebook.com", "/l.php?u=" + std::string(4 * max_linked_bytes, 'a'), ""},
};

} // namespace

BOOST_DATA_TEST_CASE(marks_are_cut_and_nothing_else, data::make(cuts), c)
{
    const auto clean = undecorated(c.from);
    BOOST_TEST(clean.has_value() == (c.from != c.to));
    BOOST_TEST(clean.value_or(c.from) == c.to);
    BOOST_TEST(!undecorated(c.to).has_value()); // nothing is left to be cut
}

BOOST_DATA_TEST_CASE(a_link_by_metas_counter_leads_to_a_plain_address_or_is_left_alone, data::make(links), l)
{
    BOOST_TEST(linked_address(l.host, l.path).value_or("") == l.to);
}

BOOST_AUTO_TEST_CASE(the_longest_address_is_led_to)
{
    const auto longest = "https://shop.example/" + std::string(max_linked_bytes - 21, 'a');
    BOOST_TEST(linked_address("l.facebook.com", "/l.php?u=" + longest).value_or("") == longest);
}
