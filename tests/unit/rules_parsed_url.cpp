#include "rules/parsed_url.hpp"

#include "rules/domains.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent::rules;

namespace {

struct Case {
    std::string url;
    std::string text; ///< without userinfo and fragment
    std::string host;
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.url;
}

const std::vector<Case> cases = {
    {"https://www.facebook.com/tr?cd[value]=2|%", "https://www.facebook.com/tr?cd[value]=2|%", "www.facebook.com"},
    {"http://a.example", "http://a.example", "a.example"},
    {"https://a.example?x", "https://a.example?x", "a.example"},
    {"https://a.example:8443/x", "https://a.example:8443/x", "a.example"},
    {"https://a.example/x#y", "https://a.example/x", "a.example"},
    {"wss://a.example/x", "wss://a.example/x", "a.example"},
    {"https://A.Example/X", "https://A.Example/X", "a.example"},
    {"https://m\xc3\xbcnchen.example/", "https://m\xc3\xbcnchen.example/", "xn--mnchen-3ya.example"},
    {"https://xn--mnchen-3ya.example/", "https://xn--mnchen-3ya.example/", "xn--mnchen-3ya.example"},
    {"https://[2001:DB8::1]:80/x", "https://[2001:DB8::1]:80/x", "2001:db8::1"},
    {"https://127.1/x", "https://127.1/x", "127.0.0.1"},
    {"https://user@a.example/x", "https://a.example/x", "a.example"},
    {"https://user:pass@a.example/x", "https://a.example/x", "a.example"},
    {"https://user:80@a.example/x", "https://a.example/x", "a.example"},
    {"https://evil.example:80@a.example:81/@x", "https://a.example:81/@x", "a.example"},
    {"https://a.example/x@b.example", "https://a.example/x@b.example", "a.example"},
    {"https://a.example\\@b.example", "https://a.example\\@b.example", "a.example"},
    {"https://a..example/", "https://a..example/", ""},
    {"https:///x", "https:///x", ""},
    {"https://", "https://", ""},
    {"data:text/html,https://a.example/", "data:text/html,https://a.example/", ""},
    {"about:blank", "about:blank", ""},
    {"/x?u=https://a.example/", "/x?u=https://a.example/", ""},
    {"", "", ""},
};

} // namespace

BOOST_DATA_TEST_CASE(a_url_is_taken_apart_as_a_browser_does, cases, c)
{
    const ParsedUrl parsed(c.url);
    BOOST_TEST(parsed.text() == c.text);
    BOOST_TEST(parsed.host() == c.host);
}

BOOST_AUTO_TEST_CASE(what_is_plainly_a_host_is_its_own_normal_form)
{
    // Each character at each place of a word of eight, at its end and beyond.
    std::size_t plain = 0;
    for (std::size_t size = 1; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int c = 0; c < 256; ++c) {
                std::string host(size, 'a');
                host[at] = static_cast<char>(c);
                const std::size_t found = plainly_normal_size(host);
                BOOST_REQUIRE(found == 0 || normal_host(host.substr(0, found)) == host.substr(0, found));
                plain += found == size ? 1U : 0U;
                if (at > 0 && (c == '.' || c == '-')) {
                    host[at - 1] = static_cast<char>(c);
                    BOOST_REQUIRE(plainly_normal_size(host) == 0U);
                }
            }
    BOOST_TEST(plain > 6000U);
    BOOST_TEST(plainly_normal_size("www.facebook.com/tr") == 16U);
    BOOST_TEST(plainly_normal_size(std::string(253, 'a')) == 253U);
    BOOST_TEST(plainly_normal_size(std::string(254, 'a')) == 0U);
    BOOST_TEST(plainly_normal_size("a.0x7f") == 0U);
    BOOST_TEST(plainly_normal_size("127.0.0.1") == 0U);
}
