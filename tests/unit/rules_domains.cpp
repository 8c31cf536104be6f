#include "rules/domains.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent::rules;
using namespace std::string_literals;

namespace {

struct Case {
    std::string in;
    std::string out; ///< empty: no valid host
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << '"' << c.in << "\" -> \"" << c.out << '"';
}

const std::vector<Case> hosts = {
    {"WWW.Facebook.COM", "www.facebook.com"},
    {"www.facebook.com.", "www.facebook.com"},
    {"www.facebook%2ecom", "www.facebook.com"},
    {"%77ww.facebook.com", "www.facebook.com"},
    {"a_b.example", "a_b.example"},
    {"r3---sn-5hne6n7z.googlevideo.com", "r3---sn-5hne6n7z.googlevideo.com"},
    {"-a-.example", "-a-.example"},
    {"m\xc3\xbcnchen.example", "xn--mnchen-3ya.example"},
    {"M\xc3\x9cNCHEN.example", "xn--mnchen-3ya.example"},
    {"stra\xc3\x9f"
     "e.example",
     "xn--strae-oqa.example"},
    {"XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"},
    {"www\xe3\x80\x82"
     "facebook\xef\xbc\x8e"
     "com",
     "www.facebook.com"}, // ideographic and fullwidth full stop
    {"\xef\xbd\x86"
     "acebook.com",
     "facebook.com"}, // fullwidth f
    {"face\xc2\xad"
     "book.com",
     "facebook.com"},               // soft hyphen
    {"xn--n3h.net", "xn--n3h.net"}, // a snowman
    {"_dmarc.m\xc3\xbcnchen.example", "_dmarc.xn--mnchen-3ya.example"},
    {"localhost", "localhost"},
    {"", ""},
    {".", ""},
    {"..", ""},
    {".example", ""},
    {"a..example", ""},
    {"example..", ""},
    {"a b.example", ""},
    {"a%zz.example", ""},
    {"a%00.example", ""},
    {"a\0b"s, ""},
    {"a/b", ""},
    {"a@b", ""},
    {"\xef\xbc\x8f.example", ""}, // fullwidth / would become a /
    {"\xff\xfe.example", ""},     // not UTF-8
    {"xn--.example", ""},
    {"xn--a\xc3\xbc.example", ""},
    {std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' + std::string(61, 'd'),
     std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' + std::string(61, 'd')},
    {std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' + std::string(62, 'd'), ""},
    {std::string(100000, 'a'), ""},
    // IPv4, however it is written
    {"127.0.0.1", "127.0.0.1"},
    {"127.1", "127.0.0.1"},
    {"0x7f.1", "127.0.0.1"},
    {"2130706433", "127.0.0.1"},
    {"017700000001", "127.0.0.1"},
    {"0x7F000001", "127.0.0.1"},
    {"127.0.0.1.", "127.0.0.1"},
    {"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.1", "127.0.0.1"}, // fullwidth digits
    {"0x", "0.0.0.0"},
    {"4294967296", ""},
    {"256.1.1.1", ""},
    {"1.2.3.256", ""},
    {"1.2.3.4.5", ""},
    {"1.2.3.09", ""},
    {"a.1", ""},
    {"1.2.3.4a", "1.2.3.4a"},
    // IPv6, with or without brackets
    {"[::1]", "::1"},
    {"::1", "::1"},
    {"[2001:DB8:0:0:0:0:0:1]", "2001:db8::1"},
    {"2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"},
    {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
    {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
    {"::", "::"},
    {"1::", "1::"},
    {"::ffff:127.0.0.1", "::ffff:7f00:1"},
    {"[fe80::1%eth0]", ""},
    {"[::1", ""},
    {"[]", ""},
    {"1:2:3", ""},
};

} // namespace

BOOST_DATA_TEST_CASE(a_host_is_compared_as_the_url_standard_does, hosts, c)
{
    const auto normal = normal_host(c.in);
    BOOST_TEST(normal.value_or("") == c.out);
    BOOST_TEST(normal.has_value() == !c.out.empty());
}

BOOST_DATA_TEST_CASE(the_normal_form_is_its_own_normal_form, hosts, c)
{
    if (const auto normal = normal_host(c.in)) {
        BOOST_TEST(normal_host(*normal).value_or("") == *normal);
    }
}

BOOST_AUTO_TEST_CASE(the_registrable_domain_is_public_suffix_plus_one)
{
    BOOST_TEST(registrable_domain("connect.facebook.net") == "facebook.net");
    BOOST_TEST(registrable_domain("facebook.net") == "facebook.net");
    BOOST_TEST(registrable_domain("a.b.shop.co.uk") == "shop.co.uk");
    BOOST_TEST(registrable_domain("me.github.io") == "me.github.io");
    BOOST_TEST(registrable_domain("www.city.kobe.jp") == "city.kobe.jp");
    BOOST_TEST(registrable_domain("co.uk") == "co.uk");
    BOOST_TEST(registrable_domain("localhost") == "localhost");
    BOOST_TEST(registrable_domain("a.b.unlisted-tld") == "b.unlisted-tld");
    BOOST_TEST(registrable_domain("192.0.2.7") == "192.0.2.7");
    BOOST_TEST(registrable_domain("2001:db8::1") == "2001:db8::1");
    BOOST_TEST(registrable_domain("") == "");
}

BOOST_AUTO_TEST_CASE(the_registrable_domain_is_a_part_of_its_host)
{
    const std::string host = "www.shop.example";
    const auto domain = registrable_domain(host);
    BOOST_TEST(domain.data() + domain.size() == host.data() + host.size());
}

BOOST_AUTO_TEST_CASE(below_means_whole_labels)
{
    BOOST_TEST(is_or_below("facebook.com", "facebook.com"));
    BOOST_TEST(is_or_below("www.facebook.com", "facebook.com"));
    BOOST_TEST(!is_or_below("notfacebook.com", "facebook.com"));
    BOOST_TEST(!is_or_below("facebook.com", "www.facebook.com"));
    BOOST_TEST(!is_or_below("facebook.com", ""));
    BOOST_TEST(!is_or_below("1.2.3.4", "3.4"));
    BOOST_TEST(is_or_below("1.2.3.4", "1.2.3.4"));
}

BOOST_AUTO_TEST_CASE(the_same_site_is_the_same_registrable_domain_for_all_pairs)
{
    const std::string_view names[] = {"com",
                                      "co.uk",
                                      "shop.co.uk",
                                      "a.shop.co.uk",
                                      "b.shop.co.uk",
                                      "op.co.uk",
                                      "github.io",
                                      "a.github.io",
                                      "b.github.io",
                                      "x.a.github.io",
                                      "kobe.jp",
                                      "city.kobe.jp",
                                      "a.kobe.jp",
                                      "b.a.kobe.jp",
                                      "c.a.kobe.jp",
                                      "www.city.kobe.jp",
                                      "localhost",
                                      "a.localhost",
                                      "1.2.3.4",
                                      "5.2.3.4",
                                      "::1",
                                      "2::1",
                                      "x.com",
                                      "y.x.com",
                                      "yx.com",
                                      "z.unlisted",
                                      "y.z.unlisted",
                                      "unlisted",
                                      "",
                                      "a.com"};
    for (const auto a : names)
        for (const auto b : names)
            BOOST_TEST(same_site(a, b) == (registrable_domain(a) == registrable_domain(b)), a << " and " << b);
}

BOOST_AUTO_TEST_CASE(one_site_is_one_registrable_domain)
{
    BOOST_TEST(same_site("www.shop.co.uk", "cdn.shop.co.uk"));
    BOOST_TEST(!same_site("shop.co.uk", "other.co.uk"));
    BOOST_TEST(!same_site("a.github.io", "b.github.io"));
    BOOST_TEST(same_site("127.0.0.1", "127.0.0.1"));
    BOOST_TEST(!same_site("1.2.3.4", "5.6.3.4"));
}
