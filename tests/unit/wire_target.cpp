#include "proxy/wire/target.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>
#include <ostream>

using namespace paravent::wire;
using namespace std::string_literals;
using Form = Target::Form;

namespace {

struct Case {
    std::string in;
    Form form;
    bool https;
    std::string host;
    bool ip_literal;
    std::uint16_t port;
    std::string path;
    std::string origin; ///< as it goes to an origin
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.in;
}

const std::vector<Case> targets = {
    {"/", Form::origin, false, "", false, 0, "/", "/"},
    {"/a?b#c", Form::origin, false, "", false, 0, "/a?b", "/a?b"},
    {"//a.example/b", Form::origin, false, "", false, 0, "//a.example/b", "//a.example/b"},
    {"*", Form::asterisk, false, "", false, 0, "*", "*"},
    {"http://a.example", Form::absolute, false, "a.example", false, 80, "/", "/"},
    {"http://a.example/", Form::absolute, false, "a.example", false, 80, "/", "/"},
    {"HTTP://A.Example./", Form::absolute, false, "a.example", false, 80, "/", "/"},
    {"https://a.example/x", Form::absolute, true, "a.example", false, 443, "/x", "/x"},
    {"ws://a.example/x", Form::absolute, false, "a.example", false, 80, "/x", "/x"},
    {"wss://a.example:8443/x", Form::absolute, true, "a.example", false, 8443, "/x", "/x"},
    {"http://a.example:0080/", Form::absolute, false, "a.example", false, 80, "/", "/"},
    {"http://a.example?b", Form::absolute, false, "a.example", false, 80, "?b", "/?b"},
    {"http://a.example#c", Form::absolute, false, "a.example", false, 80, "/", "/"},
    {"http://a.example/b#c#d", Form::absolute, false, "a.example", false, 80, "/b", "/b"},
    {"http://a.example#@b.example/", Form::absolute, false, "a.example", false, 80, "/", "/"},
    // Path and query are kept to the byte.
    {"http://a.example/../%2e%2E/./b//c", Form::absolute, false, "a.example", false, 80, "/../%2e%2E/./b//c",
     "/../%2e%2E/./b//c"},
    {"http://www.facebook.com/tr/?cd[x]=2|3&a=\"{}^`\\'<>%zz\xc3\xa4\xff", Form::absolute, false, "www.facebook.com",
     false, 80, "/tr/?cd[x]=2|3&a=\"{}^`\\'<>%zz\xc3\xa4\xff", "/tr/?cd[x]=2|3&a=\"{}^`\\'<>%zz\xc3\xa4\xff"},
    {"http://a.example/b@c:d", Form::absolute, false, "a.example", false, 80, "/b@c:d", "/b@c:d"},
    {"http://a.example?http://b.example/", Form::absolute, false, "a.example", false, 80, "?http://b.example/",
     "/?http://b.example/"},
    {"http://a.example/\\b", Form::absolute, false, "a.example", false, 80, "/\\b", "/\\b"},
    // Hosts in all their spellings
    {"http://%77ww.f%61cebook.com/", Form::absolute, false, "www.facebook.com", false, 80, "/", "/"},
    {"http://m\xc3\xbcnchen.example/", Form::absolute, false, "xn--mnchen-3ya.example", false, 80, "/", "/"},
    {"http://127.0.0.1/", Form::absolute, false, "127.0.0.1", true, 80, "/", "/"},
    {"http://0x7f.1:81/", Form::absolute, false, "127.0.0.1", true, 81, "/", "/"},
    {"http://2130706433/", Form::absolute, false, "127.0.0.1", true, 80, "/", "/"},
    {"http://[::1]:81/a", Form::absolute, false, "::1", true, 81, "/a", "/a"},
    {"http://[::FFFF:127.0.0.1]", Form::absolute, false, "::ffff:7f00:1", true, 80, "/", "/"},
    {"http://a.1st/", Form::absolute, false, "a.1st", false, 80, "/", "/"},
};

const std::vector<std::string> refused_targets = {
    "",
    "a",
    "a.example/",
    "a.example:80",
    "http",
    "http:",
    "http:/",
    "http:a.example",
    "http:/a.example",
    "http://",
    "http:///x",
    "http://?x",
    "http://#x",
    "http://:80/",
    "http:\\\\a.example/",
    "ftp://a.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http ://a.example/",
    "xhttp://a.example/",
    "http://a@b.example/",
    "http://a:b@c.example/",
    "http://@a.example/",
    "http://a.example:80@b.example/",
    "http://a.example\\@b.example/",
    "http://a.example\\/",
    "http://a.example%40b.example/",
    "http://a.example%2f/",
    "http://a.example%00/",
    "http://a%22b/",
    "http://a%2cb/",
    "http://a%7bb/",
    "http://a.example:/",
    "http://a.example:0/",
    "http://a.example:65536/",
    "http://a.example:65616/",
    "http://a.example:4294967376/",
    "http://a.example:18446744073709551696/",
    "http://a.example:+80/",
    "http://a.example:-80/",
    "http://a.example:8o/",
    "http://a.example:80:80/",
    "http://a.example:0x50/",
    "http://a.example:80a/",
    "http://::1/",
    "http://[::1/",
    "http://[::1]a/",
    "http://[::1]:/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[1.2.3.4]/",
    "http://[a.example]/",
    "http://[]/",
    "http://%5b::1%5d/",
    "http://..",
    "http://a..b/",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://a b/",
    "http://a.example/ ",
    "http://a.example/\t",
    "http://a.example/\r\nX: y",
    "http://a.example/\n",
    "http://a.example/\0"s,
    "http://a.example/\x7f",
    "http://a.example/x#\x01",
    "/a b",
    "/\x1f",
    "* ",
    "**",
    "\\",
    "?a",
    "http://a|b/",
    "http://a^b/",
    "http://a<b/",
    "http://a,b/",
    "http://" + std::string(254, 'a') + "/",
};

struct Authority {
    std::string in;
    std::string host;
    bool ip_literal;
    std::uint16_t port;
};

std::ostream& operator<<(std::ostream& os, const Authority& c)
{
    return os << c.in;
}

const std::vector<Authority> authorities = {
    {"a.example:443", "a.example", false, 443},     {"A.EXAMPLE.:1", "a.example", false, 1},
    {"a.example:65535", "a.example", false, 65535}, {"[2001:db8::0:1]:443", "2001:db8::1", true, 443},
    {"017700000001:80", "127.0.0.1", true, 80},     {"localhost:000443", "localhost", false, 443},
};

const std::vector<std::string> refused_authorities = {
    "",
    ":",
    ":443",
    "a.example",
    "a.example:",
    "a.example:0",
    "a.example:65536",
    "a.example:65979",
    "a.example:443/",
    "a.example:443/path",
    "a.example:443?x",
    "a.example:443#x",
    "user@a.example:443",
    "a:b@a.example:443",
    "http://a.example:443",
    "/",
    "*",
    "::1:443",
    "[::1]",
    "[::1]443",
    "[::1:443",
    "a b:443",
    "a.example:443 ",
    " a.example:443",
    "a.example:443\0"s,
    "a.example\0b:443"s,
    "a.example: 443",
    "a.example:+443",
    "a.example\\b:443",
    "[::ffff:127.0.0.1%25lo]:443",
    "a.example:443:443",
    "..:443",
    "a.example:\xd9\xa4\xd9\xa4\xd9\xa3",
};

} // namespace

BOOST_DATA_TEST_CASE(a_target_is_read_as_browsers_send_it, targets, c)
{
    const auto target = parse_target(c.in, false);
    BOOST_REQUIRE_MESSAGE(target.has_value(), c.in);
    BOOST_TEST((target->form == c.form));
    BOOST_TEST(target->https == c.https);
    BOOST_TEST(target->host == c.host);
    BOOST_TEST(target->ip_literal == c.ip_literal);
    BOOST_TEST(target->port == c.port);
    BOOST_TEST(target->path == c.path);
    BOOST_TEST(origin_form(*target, "GET") == c.origin);
    BOOST_TEST(parse_target(c.in, true).has_error());
}

BOOST_DATA_TEST_CASE(a_target_that_leaves_a_doubt_is_refused, refused_targets, in)
{
    const auto target = parse_target(in, false);
    BOOST_TEST(target.has_error());
    BOOST_TEST((target.error() == Error::bad_request));
}

BOOST_DATA_TEST_CASE(connect_takes_host_and_port, authorities, c)
{
    const auto target = parse_target(c.in, true);
    BOOST_REQUIRE(target.has_value());
    BOOST_TEST((target->form == Form::authority));
    BOOST_TEST(target->host == c.host);
    BOOST_TEST(target->ip_literal == c.ip_literal);
    BOOST_TEST(target->port == c.port);
    BOOST_TEST(target->path.empty());
    BOOST_TEST(parse_target(c.in, false).has_error());
}

BOOST_DATA_TEST_CASE(connect_takes_nothing_else, refused_authorities, in)
{
    BOOST_TEST(parse_target(in, true).has_error());
}

BOOST_AUTO_TEST_CASE(options_for_a_whole_server_goes_out_as_an_asterisk)
{
    BOOST_TEST(origin_form(*parse_target("http://a.example:81", false), "OPTIONS") == "*");
    BOOST_TEST(origin_form(*parse_target("http://a.example/", false), "OPTIONS") == "/");
    BOOST_TEST(origin_form(*parse_target("http://a.example?x", false), "OPTIONS") == "/?x");
    BOOST_TEST(origin_form(*parse_target("*", false), "OPTIONS") == "*");
}

BOOST_AUTO_TEST_CASE(a_host_field_is_read_like_an_authority)
{
    BOOST_TEST(parse_host("A.example")->host == "a.example");
    BOOST_TEST(parse_host("a.example")->port == 0);
    BOOST_TEST(parse_host("a.example:81")->port == 81);
    BOOST_TEST(parse_host("[::1]:81")->host == "::1");
    BOOST_TEST(parse_host("[::1]")->ip_literal);
    for (const auto* in : {"", ":80", "a.example:", "a.example:0", "a@b", "a/b", "a b", "::1", "a,b"})
        BOOST_TEST(parse_host(in).has_error(), in);
}

BOOST_AUTO_TEST_CASE(a_host_field_leaves_out_the_default_port)
{
    BOOST_TEST(host_field("a.example", 80, false) == "a.example");
    BOOST_TEST(host_field("a.example", 80, true) == "a.example:80");
    BOOST_TEST(host_field("a.example", 443, true) == "a.example");
    BOOST_TEST(host_field("::1", 443, false) == "[::1]:443");
    BOOST_TEST(host_field("::1", 80, false) == "[::1]");
}

BOOST_AUTO_TEST_CASE(a_number_is_digits_and_nothing_else)
{
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    BOOST_TEST(*parse_decimal("0", most) == 0U);
    BOOST_TEST(*parse_decimal("007", 7) == 7U);
    BOOST_TEST(*parse_decimal("18446744073709551615", most) == most);
    BOOST_TEST(*parse_decimal(std::string(1000, '0') + "1", most) == 1U);
    BOOST_TEST(parse_decimal("8", 7).has_error());
    for (const auto& in : {""s, " "s, "+1"s, "-1"s, "1 "s, " 1"s, "0x1"s, "1e3"s, "1.0"s, "1,1"s, "1\0"s,
                           "18446744073709551616"s, "99999999999999999999999"s, "\xd9\xa1"s})
        BOOST_TEST(parse_decimal(in, most).has_error(), in);
}
