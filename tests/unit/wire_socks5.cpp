#include "proxy/wire/socks5.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <stdexcept>

using namespace paravent::wire;
using namespace paravent::wire::socks5;
using namespace std::string_literals;

namespace {

std::string by_name(const std::string& name, const std::string& port = "\x01\xbb",
                    const std::string& start = "\x05\x01\0\x03"s)
{
    return start + static_cast<char>(name.size()) + name + port;
}

struct Case {
    std::string bytes;
    Reply refusal;
    std::string host = "";
    bool ip_literal = false;
    std::uint16_t port = 0;
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    for (const char b : c.bytes.substr(0, 30))
        os << (b > ' ' && b < 0x7f ? b : '.');
    return os;
}

const std::string v6 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s;
const std::string mapped = "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\x01"s;
const std::string longest =
    std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.' + std::string(61, 'd');

const std::vector<Case> requests = {
    {by_name("Shop.Example."), Reply::succeeded, "shop.example", false, 443},
    {by_name(longest), Reply::succeeded, longest, false, 443},
    {by_name("a", "\xff\xff"), Reply::succeeded, "a", false, 65535},
    {by_name("127.0.0.1"), Reply::succeeded, "127.0.0.1", true, 443},
    {by_name("0x7f.1"), Reply::succeeded, "127.0.0.1", true, 443},
    {by_name("::1"), Reply::succeeded, "::1", true, 443},
    {by_name("m\xc3\xbcnchen.example"), Reply::succeeded, "xn--mnchen-3ya.example", false, 443},
    {"\x05\x01\0\x01\x7f\0\0\x01\0\x50"s, Reply::succeeded, "127.0.0.1", true, 80},
    {"\x05\x01\0\x04"s + v6 + "\x01\xbb", Reply::succeeded, "2001:db8::1", true, 443},
    {"\x05\x01\0\x04"s + mapped + "\x01\xbb", Reply::succeeded, "::ffff:7f00:1", true, 443},
    // Table H8
    {by_name(""), Reply::host_unreachable},
    {by_name(std::string(255, 'a')), Reply::host_unreachable},
    {by_name("shop.example\0evil"s), Reply::host_unreachable},
    {by_name("\0"s), Reply::host_unreachable},
    {by_name("a b"), Reply::host_unreachable},
    {by_name("a/b"), Reply::host_unreachable},
    {by_name("a@b"), Reply::host_unreachable},
    {by_name("a:80"), Reply::host_unreachable},
    {by_name("[::1]"), Reply::host_unreachable},
    {by_name("%61"), Reply::host_unreachable},
    {by_name("a..b"), Reply::host_unreachable},
    {by_name("256.1.1.1"), Reply::host_unreachable},
    {by_name("a.example", "\0\0"s), Reply::general_failure, "", false, 0},
    {by_name("a.example", "\x01\xbb", "\x05\x02\0\x03"s), Reply::command_not_supported},
    {by_name("a.example", "\x01\xbb", "\x05\x03\0\x03"s), Reply::command_not_supported},
    {by_name("a.example", "\x01\xbb", "\x05\x00\0\x03"s), Reply::command_not_supported},
    {by_name("a.example", "\x01\xbb", "\x05\xff\0\x03"s), Reply::command_not_supported},
    {"\x05\x02\0\x01\x7f\0\0\x01\0\x50"s, Reply::command_not_supported},
    {"\x05\x01\0\x02"s, Reply::address_type_not_supported},
    {"\x05\x01\0\0"s, Reply::address_type_not_supported},
    {"\x05\x01\0\xff"s, Reply::address_type_not_supported},
    {"\x05\x03\0\x05"s, Reply::command_not_supported},
};

} // namespace

BOOST_AUTO_TEST_CASE(a_greeting_is_taken_whole_or_not_at_all)
{
    struct {
        std::string bytes;
        bool none;
    } const greetings[] = {
        {"\x05\x01\0"s, true},
        {"\x05\x02\x02\0"s, true},
        {"\x05\x01\x02"s, false},
        {"\x05\0"s, false},
        {"\x05\xff"s + std::string(255, '\x01'), false},
        {"\x05\x03\0\x01\x02"s, true},
    };
    for (const auto& [bytes, none] : greetings) {
        Greeting greeting;
        BOOST_TEST(*parse_greeting(bytes, greeting) == bytes.size());
        BOOST_TEST(greeting.no_authentication == none);
        for (std::size_t n = 0; n < bytes.size(); ++n)
            BOOST_TEST(*parse_greeting(bytes.substr(0, n), greeting) == 0U);
        // Bytes behind it are the request's, whatever they are.
        BOOST_TEST(*parse_greeting(bytes + "\0\x05"s, greeting) == bytes.size());
        BOOST_TEST(greeting.no_authentication == none);
    }
}

BOOST_AUTO_TEST_CASE(another_version_is_refused_at_its_first_byte)
{
    Greeting greeting;
    Request request;
    Reply code{};
    Method method{};
    bool accepted = false;
    for (const auto* in : {"\x04", "\x06", "G", "\x04\x01\x01\xbb"}) {
        BOOST_TEST(parse_greeting(in, greeting).has_error());
        BOOST_TEST(socks5::parse_request(in, request).has_error());
        BOOST_TEST(parse_reply(in, code).has_error());
        BOOST_TEST(parse_method(in, method).has_error());
        BOOST_TEST(parse_password_reply(in, accepted).has_error());
    }
    BOOST_TEST((socks5::parse_request("\x05\x01\x01", request).error() == Error::bad_socks));
    BOOST_TEST(parse_reply("\x05\x00\x01"s, code).has_error());
}

BOOST_DATA_TEST_CASE(a_request_is_served_or_refused_once_it_is_whole, requests, c)
{
    Request request;
    for (const std::string& more : {""s, "\x16\x03\x01"s}) {
        const auto taken = socks5::parse_request(c.bytes + more, request);
        BOOST_REQUIRE(taken.has_value());
        BOOST_TEST(*taken == c.bytes.size());
        BOOST_TEST((request.refusal == c.refusal));
        BOOST_TEST(request.host == c.host);
        BOOST_TEST(request.ip_literal == c.ip_literal);
        if (c.refusal == Reply::succeeded) {
            BOOST_TEST(request.port == c.port);
        }
    }
    for (std::size_t n = 0; n < c.bytes.size(); ++n) {
        const auto part = socks5::parse_request(c.bytes.substr(0, n), request);
        BOOST_TEST(*part == 0U, "cut at " << n);
    }
}

BOOST_AUTO_TEST_CASE(our_reply_has_the_shape_of_the_rfc)
{
    const auto bytes = reply(Reply::not_allowed);
    BOOST_TEST(std::string(bytes.data(), bytes.size()) == "\x05\x02\0\x01\0\0\0\0\0\0"s);
}

BOOST_AUTO_TEST_CASE(what_we_ask_of_a_parent_is_what_we_would_serve)
{
    Greeting greeting;
    BOOST_TEST(*parse_greeting(client_greeting(false), greeting) == 3U);
    BOOST_TEST(greeting.no_authentication);
    BOOST_TEST(*parse_greeting(client_greeting(true), greeting) == 4U);
    BOOST_TEST(client_password("me", "secret") == "\x01\x02me\x06secret");
    for (const std::string& host : {"a.example"s, "127.0.0.1"s, "2001:db8::1"s, "::ffff:7f00:1"s, longest}) {
        Request request;
        const std::string bytes = client_request(host, 8443);
        BOOST_TEST(*socks5::parse_request(bytes, request) == bytes.size());
        BOOST_TEST((request.refusal == Reply::succeeded));
        BOOST_TEST(request.host == host);
        BOOST_TEST(request.port == 8443);
    }
    BOOST_TEST(client_request("1.2.3.4", 80) == "\x05\x01\0\x01\x01\x02\x03\x04\0\x50"s);
}

BOOST_AUTO_TEST_CASE(a_password_that_does_not_fit_is_no_password)
{
    BOOST_CHECK_THROW(client_password("", "x"), std::length_error);
    BOOST_CHECK_THROW(client_password("x", ""), std::length_error);
    BOOST_CHECK_THROW(client_password(std::string(256, 'x'), "x"), std::length_error);
    BOOST_CHECK_THROW(client_password("x", std::string(256, 'x')), std::length_error);
    BOOST_TEST(client_password(std::string(255, 'x'), std::string(255, 'y')).size() == 513U);
}

BOOST_AUTO_TEST_CASE(a_parents_answers_are_taken_whole_or_not_at_all)
{
    struct {
        std::string bytes;
        Reply code;
    } const replies[] = {
        {"\x05\0\0\x01\0\0\0\0\0\0"s, Reply::succeeded},
        {"\x05\0\0\x04"s + v6 + "\0\0"s, Reply::succeeded},
        {"\x05\0\0\x03\x01x\0\0"s, Reply::succeeded},
        {"\x05\0\0\x03\0\0\0"s, Reply::succeeded},
        {"\x05\x05\0\x01\0\0\0\0\0\0"s, Reply::connection_refused},
        {"\x05\x08\0\x01\0\0\0\0\0\0"s, Reply::address_type_not_supported},
        {"\x05\x5b\0\x01\0\0\0\0\0\0"s, Reply::general_failure},
        {"\x05\x01\0\0"s, Reply::general_failure}, // no address: it is over anyway
    };
    for (const auto& [bytes, expected] : replies) {
        Reply code{};
        BOOST_TEST(*parse_reply(bytes + "more", code) == bytes.size());
        BOOST_TEST((code == expected));
        for (std::size_t n = 0; n < bytes.size(); ++n)
            BOOST_TEST(*parse_reply(bytes.substr(0, n), code) == 0U);
    }
    Reply code{};
    BOOST_TEST(parse_reply("\x05\0\0\x02"s, code).has_error());

    Method method{};
    BOOST_TEST(*parse_method("\x05", method) == 0U);
    BOOST_TEST(*parse_method("\x05\x02", method) == 2U);
    BOOST_TEST((method == Method::password));
    BOOST_TEST(*parse_method("\x05\xff", method) == 2U);
    BOOST_TEST((method == Method::unacceptable));
    BOOST_TEST(parse_method("\x05\x01", method).has_error());

    bool accepted = false;
    BOOST_TEST(*parse_password_reply("\x01", accepted) == 0U);
    BOOST_TEST(*parse_password_reply("\x01\0"s, accepted) == 2U);
    BOOST_TEST(accepted);
    BOOST_TEST(*parse_password_reply("\x01\x01", accepted) == 2U);
    BOOST_TEST(!accepted);
}
