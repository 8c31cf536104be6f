#include "proxy/wire/http1.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent::wire;
using namespace paravent::wire::http1;
using namespace std::string_literals;

namespace {

const std::string line = "GET http://shop.example/ HTTP/1.1\r\n";
const std::string host = "Host: shop.example\r\n";

std::string get(const std::string& fields)
{
    return line + host + fields + "\r\n";
}

std::string post(const std::string& fields)
{
    return "POST http://shop.example/ HTTP/1.1\r\n" + host + fields + "\r\n";
}

struct Refused {
    std::string what;
    std::string head;
    Error error;
};

std::ostream& operator<<(std::ostream& os, const Refused& c)
{
    return os << c.what;
}

std::string many_fields(unsigned n)
{
    std::string out;
    for (unsigned i = 0; i < n; ++i)
        out += "x: y\r\n";
    return out;
}

std::string names(unsigned n)
{
    std::string out = "a";
    for (unsigned i = 1; i < n; ++i)
        out += ",b";
    return out;
}

const std::vector<Refused> refused = {
    // Table H1
    {"two lengths that differ", post("Content-Length: 5\r\nContent-Length: 6\r\n"), Error::bad_request},
    {"two lengths that agree", post("Content-Length: 5\r\nContent-Length: 5\r\n"), Error::bad_request},
    {"a list of lengths", post("Content-Length: 5, 5\r\n"), Error::bad_request},
    {"length and coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), Error::bad_request},
    {"coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), Error::bad_request},
    {"two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), Error::bad_request},
    {"identity", post("Transfer-Encoding: identity\r\n"), Error::not_implemented},
    {"xchunked", post("Transfer-Encoding: xchunked\r\n"), Error::not_implemented},
    {"gzip", post("Transfer-Encoding: gzip\r\n"), Error::not_implemented},
    {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), Error::not_implemented},
    {"chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n"), Error::not_implemented},
    {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n"), Error::not_implemented},
    {"chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n"), Error::not_implemented},
    {"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n"), Error::not_implemented},
    {"chunked with a comma", post("Transfer-Encoding: chunked,\r\n"), Error::not_implemented},
    {"no coding at all", post("Transfer-Encoding:\r\n"), Error::not_implemented},
    {"vertical tab before chunked", post("Transfer-Encoding: \x0b"s + "chunked\r\n"), Error::bad_request},
    {"form feed behind chunked", post("Transfer-Encoding: chunked\f\r\n"), Error::bad_request},
    {"no-break space before chunked", post("Transfer-Encoding: \xa0"s + "chunked\r\n"), Error::not_implemented},
    {"coding in HTTP/1.0", "POST http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Error::bad_request},
    {"length with a sign", post("Content-Length: +5\r\n"), Error::bad_request},
    {"negative length", post("Content-Length: -5\r\n"), Error::bad_request},
    {"hexadecimal length", post("Content-Length: 0x5\r\n"), Error::bad_request},
    {"length with a blank inside", post("Content-Length: 1 5\r\n"), Error::bad_request},
    {"length with a fraction", post("Content-Length: 5.0\r\n"), Error::bad_request},
    {"empty length", post("Content-Length: \r\n"), Error::bad_request},
    {"length of 2^63", post("Content-Length: 9223372036854775808\r\n"), Error::bad_request},
    {"length of 2^64 + 5", post("Content-Length: 18446744073709551621\r\n"), Error::bad_request},
    {"bare LF behind a field", get("a: b\n"), Error::bad_request},
    {"bare LF behind the request line", "GET http://a/ HTTP/1.1\nHost: a\r\n\r\n", Error::bad_request},
    {"LF LF", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\n", Error::bad_request},
    {"bare CR in a value", get("a: b\rc: d\r\n"), Error::bad_request},
    {"bare CR before CRLF", get("a: b\r\r\n"), Error::bad_request},
    {"bare CR in a name", get("a\rb: c\r\n"), Error::bad_request},
    {"bare CR in the target", "GET http://a/\rx HTTP/1.1\r\nHost: a\r\n\r\n", Error::bad_request},
    {"folded line", get("a: b\r\n c\r\n"), Error::bad_request},
    {"folded line with a tab", get("a: b\r\n\tc: d\r\n"), Error::bad_request},
    {"blank before the first field", line + " Host: a\r\n" + host + "\r\n", Error::bad_request},
    {"blank before the colon", get("a : b\r\n"), Error::bad_request},
    {"tab before the colon", get("a\t: b\r\n"), Error::bad_request},
    {"blank in a name", get("a b: c\r\n"), Error::bad_request},
    {"no name", get(": b\r\n"), Error::bad_request},
    {"no colon", get("abc\r\n"), Error::bad_request},
    {"a name with brackets", get("a(b): c\r\n"), Error::bad_request},
    {"a name in UTF-8", get("\xc3\xa4: c\r\n"), Error::bad_request},
    {"NUL in a value", get("a: b\0c\r\n"s), Error::bad_request},
    {"NUL in a name", get("a\0b: c\r\n"s), Error::bad_request},
    {"NUL in the target", "GET http://a/\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, Error::bad_request},
    {"DEL in a value", get("a: b\x7f\r\n"), Error::bad_request},
    {"DEL in a long value",
     get("a: 0123456789abcdef\x7f"
         "0123456789abcdef\r\n"),
     Error::bad_request},
    {"DEL in a long target", "GET /0123456789abcdef\x7f/0123456789abcdef HTTP/1.1\r\n" + host + "\r\n",
     Error::bad_request},
    {"escape in a long value", get("a: 0123456789abcdef\x1b[0m\r\n"), Error::bad_request},
    {"a head of 64 KiB and a byte", get("a: " + std::string(max_head - get("a: \r\n").size() + 1, 'b') + "\r\n"),
     Error::head_too_large},
    {"the same, an empty line included",
     "\r\n" + get("a: " + std::string(max_head - get("a: \r\n").size(), 'b') + "\r\n"), Error::head_too_large},
    {"a head that never ends", line + "a: " + std::string(max_head, 'b'), Error::head_too_large},
    {"201 fields", get(many_fields(max_fields)), Error::too_many_fields},
    {"10,000 fields", get(many_fields(10000)), Error::too_many_fields},
    {"a target over the bound", "GET http://a/" + std::string(max_target, 'b') + " HTTP/1.1\r\n" + host + "\r\n",
     Error::target_too_long},
    {"a target that never ends", "GET http://a/" + std::string(max_head, 'b'), Error::target_too_long},
    // The request line
    {"no method", " http://a/ HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a method of 33 bytes", std::string(33, 'A') + " / HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a method that is no token", "G@T / HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a method that is no token and nothing else", "{\r\n", Error::bad_request},
    {"two blanks behind the method", "GET  http://a/ HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"two blanks before the version", "GET http://a/  HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a tab behind the method", "GET\thttp://a/ HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a tab before the version", "GET http://a/\tHTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a blank behind the version", "GET http://a/ HTTP/1.1 \r\n" + host + "\r\n", Error::bad_request},
    {"a blank in the target", "GET http://a/b c HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"two versions", "GET http://a/ HTTP/1.1 HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"no target", "GET HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"an empty target", "GET  HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"no version (HTTP/0.9)", "GET http://a/\r\n", Error::bad_request},
    {"a version in lower case", "GET / http/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a version of two digits", "GET / HTTP/1.10\r\n" + host + "\r\n", Error::bad_request},
    {"a version with a sign", "GET / HTTP/+1.1\r\n" + host + "\r\n", Error::bad_request},
    {"a version without a minor", "GET / HTTP/1.\r\n" + host + "\r\n", Error::bad_request},
    {"another protocol", "GET / HTCPCP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", Error::version_not_supported},
    {"HTTP/0.9 written out", "GET / HTTP/0.9\r\n" + host + "\r\n", Error::version_not_supported},
    {"* with GET", "GET * HTTP/1.1\r\n" + host + "\r\n", Error::bad_request},
    {"three empty lines", "\r\n\r\n\r\n" + get(""), Error::bad_request},
    {"an empty line that ends in LF", "\n" + get(""), Error::bad_request},
    {"CR CRLF before the request", "\r\r\n" + get(""), Error::bad_request},
    {"a ClientHello", "\x16\x03\x01\x02"s, Error::bad_request},
    {"SOCKS4", "\x04\x01\x00\x50"s, Error::bad_request},
    // Host
    {"no Host", line + "\r\n", Error::bad_request},
    {"two Hosts", get("Host: b\r\n"), Error::bad_request},
    {"two Hosts that agree", get(host), Error::bad_request},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", Error::bad_request},
    {"an empty Host with origin-form", "GET / HTTP/1.1\r\nHost:\r\n\r\n", Error::bad_request},
    {"a Host with a blank", line + "Host: a b\r\n\r\n", Error::bad_request},
    {"a Host that is a list", line + "Host: a,b\r\n\r\n", Error::bad_request},
    {"a Host with userinfo", line + "Host: a@b\r\n\r\n", Error::bad_request},
    {"a Host with a path", line + "Host: a/b\r\n\r\n", Error::bad_request},
    {"a Host with a backslash", line + "Host: a\\b\r\n\r\n", Error::bad_request},
    // The rest
    {"CONNECT with a body", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\n", Error::bad_request},
    {"CONNECT with chunks", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
     Error::bad_request},
    {"Connection with 33 names", get("Connection: " + names(33) + "\r\n"), Error::bad_request},
    {"33 names in two fields", get("Connection: " + names(32) + "\r\nConnection: a\r\n"), Error::bad_request},
};

struct Read {
    std::string what;
    std::string head;
    bool (*holds)(const RequestHead&);
};

std::ostream& operator<<(std::ostream& os, const Read& c)
{
    return os << c.what;
}

const std::vector<Read> proper = {
    {"method, target, Host and version", get(""),
     [](const RequestHead& h) {
         return h.method == "GET" && h.target == "http://shop.example/" && h.host == "shop.example" && h.minor == 1 &&
                h.fields.size() == 1 && h.framing == Framing::none && h.length == 0 && h.keep_alive &&
                h.upgrade.empty() && !h.expect_continue && !h.te_trailers;
     }},
    {"an empty line before it", "\r\n" + get(""), [](const RequestHead& h) { return h.method == "GET"; }},
    {"two empty lines before it", "\r\n\r\n" + get(""), [](const RequestHead& h) { return h.method == "GET"; }},
    {"a method of 32 bytes", std::string(32, 'A') + " / HTTP/1.1\r\n" + host + "\r\n",
     [](const RequestHead& h) { return h.method.size() == 32; }},
    {"a later minor version is 1.1", "GET / HTTP/1.7\r\n" + host + "\r\n",
     [](const RequestHead& h) { return h.minor == 1; }},
    {"HTTP/1.0 without Host", "GET http://a/ HTTP/1.0\r\n\r\n",
     [](const RequestHead& h) { return h.minor == 0 && h.host.empty() && !h.keep_alive; }},
    {"an empty Host with absolute-form", line + "Host:\r\n\r\n",
     [](const RequestHead& h) { return h.host.empty() && h.fields.size() == 1; }},
    {"a Host with port", line + "Host: [2001:db8::1]:8080\r\n\r\n",
     [](const RequestHead& h) { return h.host == "[2001:db8::1]:8080"; }},
    {"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", [](const RequestHead& h) { return h.target == "*"; }},
    {"a target with what browsers leave in it",
     "GET http://a/tr?cd[x]=2|3&y=\"{}\xc3\xa4\\ HTTP/1.1\r\n" + host + "\r\n",
     [](const RequestHead& h) { return h.target == "http://a/tr?cd[x]=2|3&y=\"{}\xc3\xa4\\"; }},
    {"the blanks round a value are cut off", get("a: \t b \tc\t \r\n"),
     [](const RequestHead& h) { return h.fields.at(1).name == "a" && h.fields.at(1).value == "b \tc"; }},
    {"a value without blank, and an empty one", get("a:b\r\nc:\r\nd: \t\r\n"),
     [](const RequestHead& h) {
         return h.fields.at(1).value == "b" && h.fields.at(2).value.empty() && h.fields.at(3).value.empty();
     }},
    {"obs-text in a value", get("a: \xe4\xff\r\n"),
     [](const RequestHead& h) { return h.fields.at(1).value == "\xe4\xff"; }},
    {"a colon in a value", get("a: b:c\r\n"), [](const RequestHead& h) { return h.fields.at(1).value == "b:c"; }},
    {"every token character in a name", get("!#$%&'*+-.^_`|~aZ9: b\r\n"),
     [](const RequestHead& h) { return h.fields.at(1).name == "!#$%&'*+-.^_`|~aZ9"; }},
    {"200 fields", get(many_fields(max_fields - 1)),
     [](const RequestHead& h) { return h.fields.size() == max_fields; }},
    {"a head of 64 KiB", get("a: " + std::string(max_head - get("a: \r\n").size(), 'b') + "\r\n"),
     [](const RequestHead& h) { return h.fields.size() == 2; }},
    {"the longest target", "GET " + std::string(max_target, '/') + " HTTP/1.1\r\n" + host + "\r\n",
     [](const RequestHead& h) { return h.target.size() == max_target; }},
    {"a length", post("content-LENGTH: 0042\r\n"),
     [](const RequestHead& h) { return h.framing == Framing::length && h.length == 42; }},
    {"a length of 0", post("Content-Length: 0\r\n"),
     [](const RequestHead& h) { return h.framing == Framing::length && h.length == 0; }},
    {"the greatest length", post("Content-Length: 9223372036854775807\r\n"),
     [](const RequestHead& h) { return h.length == 9223372036854775807U; }},
    {"chunked, in any case", post("transfer-encoding:\tChunked \r\n"),
     [](const RequestHead& h) { return h.framing == Framing::chunked && h.length == 0; }},
    {"CONNECT with a length of 0", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 0\r\n\r\n",
     [](const RequestHead& h) { return h.framing == Framing::none; }},
    // Connection
    {"close", get("Connection: Close\r\n"), [](const RequestHead& h) { return !h.keep_alive; }},
    {"close among others", get("Connection: foo,, close ,bar\r\n"), [](const RequestHead& h) { return !h.keep_alive; }},
    {"close in a second Connection", get("Connection: keep-alive\r\nConnection: close\r\n"),
     [](const RequestHead& h) { return !h.keep_alive; }},
    {"close wins", get("Connection: close, keep-alive\r\n"), [](const RequestHead& h) { return !h.keep_alive; }},
    {"Proxy-Connection: close", get("Proxy-Connection: close\r\n"), [](const RequestHead& h) { return !h.keep_alive; }},
    {"closed is not close", get("Connection: closed\r\n"), [](const RequestHead& h) { return h.keep_alive; }},
    {"HTTP/1.0 with keep-alive", "GET http://a/ HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
     [](const RequestHead& h) { return h.keep_alive; }},
    {"HTTP/1.0 with Proxy-Connection", "GET http://a/ HTTP/1.0\r\nProxy-Connection: Keep-Alive\r\n\r\n",
     [](const RequestHead& h) { return h.keep_alive; }},
    // Expect, TE, Upgrade
    {"Expect", post("Expect: 100-Continue\r\nContent-Length: 5\r\n"),
     [](const RequestHead& h) { return h.expect_continue; }},
    {"Expect with chunks", post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"),
     [](const RequestHead& h) { return h.expect_continue; }},
    {"Expect without a body", post("Expect: 100-continue\r\n"),
     [](const RequestHead& h) { return !h.expect_continue; }},
    {"Expect in HTTP/1.0", "POST http://a/ HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
     [](const RequestHead& h) { return !h.expect_continue; }},
    {"another expectation", post("Expect: 200-ok\r\nContent-Length: 5\r\n"),
     [](const RequestHead& h) { return !h.expect_continue; }},
    {"TE: trailers", get("TE: deflate;q=0.5, Trailers\r\n"), [](const RequestHead& h) { return h.te_trailers; }},
    {"TE without trailers", get("TE: gzip\r\n"), [](const RequestHead& h) { return !h.te_trailers; }},
    {"Upgrade", get("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
     [](const RequestHead& h) { return h.upgrade == "websocket"; }},
    {"Upgrade among others", get("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"),
     [](const RequestHead& h) { return h.upgrade == "websocket" && h.keep_alive; }},
    {"the first Upgrade of two", get("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n"),
     [](const RequestHead& h) { return h.upgrade == "websocket"; }},
    {"Upgrade that Connection does not name", get("Upgrade: websocket\r\n"),
     [](const RequestHead& h) { return h.upgrade.empty(); }},
    {"Upgrade in HTTP/1.0", "GET http://a/ HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
     [](const RequestHead& h) { return h.upgrade.empty(); }},
    {"Upgrade to h2c", get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
     [](const RequestHead& h) { return h.upgrade.empty(); }},
    {"Upgrade to h2c behind another", get("Connection: Upgrade\r\nUpgrade: websocket, H2C\r\n"),
     [](const RequestHead& h) { return h.upgrade.empty(); }},
    {"Upgrade with CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
     [](const RequestHead& h) { return h.upgrade.empty(); }},
    {"Connection with 32 names", get("Connection: " + names(32) + "\r\n"),
     [](const RequestHead& h) { return h.keep_alive; }},
};

/// Lengths to cut `bytes` at: all where it is small, else the first and last hundred and some between.
std::vector<std::size_t> cuts(const std::string& bytes)
{
    std::vector<std::size_t> out;
    for (std::size_t n = 0; n < bytes.size(); n += n < 200 || n + 200 >= bytes.size() ? 1 : 97)
        out.push_back(n);
    return out;
}

} // namespace

BOOST_DATA_TEST_CASE(a_head_that_leaves_a_doubt_is_refused, refused, c)
{
    RequestHead head;
    const auto whole = parse_request(c.head, head);
    BOOST_REQUIRE(whole.has_error());
    BOOST_TEST(whole.error() == make_error_code(c.error));
    // However it arrives: nothing is ever taken for a head before the fault is seen.
    for (const std::size_t n : cuts(c.head)) {
        const auto part = parse_request(c.head.substr(0, n), head);
        BOOST_TEST((part.has_error() || *part == 0), "cut at " << n);
    }
    // And whatever follows.
    BOOST_TEST(parse_request(c.head + get(""), head).has_error());
}

BOOST_DATA_TEST_CASE(a_proper_head_is_read_whole_or_not_at_all, proper, c)
{
    RequestHead head;
    const auto whole = parse_request(c.head, head);
    BOOST_REQUIRE_MESSAGE(whole.has_value(), whole.error().message());
    BOOST_TEST(*whole == c.head.size());
    BOOST_TEST(c.holds(head));
    for (const std::size_t n : cuts(c.head)) {
        const auto part = parse_request(c.head.substr(0, n), head);
        BOOST_REQUIRE_MESSAGE(part.has_value(), "cut at " << n << ": " << part.error().message());
        BOOST_TEST(*part == 0, "cut at " << n);
    }
    // What follows is somebody else's: a body, or the next request.
    for (const std::string& more : {"\r\n"s, "x"s, "\0"s, get(""), std::string(max_head, 'x')}) {
        const std::string longer = c.head + more;
        const auto same = parse_request(longer, head);
        BOOST_REQUIRE(same.has_value());
        BOOST_TEST(*same == c.head.size());
        BOOST_TEST(c.holds(head));
    }
}

BOOST_AUTO_TEST_CASE(a_bad_start_is_refused_before_the_head_is_whole)
{
    RequestHead head;
    const auto refused_early = [&head](const std::string& start) { return parse_request(start, head).has_error(); };
    BOOST_TEST(refused_early("\x16"));
    BOOST_TEST(refused_early("GET@"));
    BOOST_TEST(refused_early(std::string(33, 'A')));
    BOOST_TEST(refused_early("GET /\r\n"));
    BOOST_TEST(refused_early("GET / HTTP/2.0\r\nHost"));
    BOOST_TEST(refused_early("GET / HTTP/1.1\n"));
    BOOST_TEST(refused_early(line + "a: b\n"));
    BOOST_TEST(refused_early("GET /" + std::string(max_target + 50, 'a')));
    BOOST_TEST(refused_early(line + many_fields(max_fields + 1)));
    BOOST_TEST(refused_early((line + "a: " + std::string(max_head, 'a')).substr(0, max_head)));
    BOOST_TEST(!refused_early((line + "a: " + std::string(max_head, 'a')).substr(0, max_head - 1)));
}

BOOST_AUTO_TEST_CASE(nothing_of_an_earlier_request_is_left)
{
    RequestHead head;
    BOOST_TEST(parse_request(post("Content-Length: 5\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n"
                                  "Expect: 100-continue\r\nTE: trailers\r\n"),
                             head)
                   .has_value());
    BOOST_TEST(head.length == 5);
    const std::string second = get("");
    BOOST_TEST(parse_request(second, head).has_value());
    BOOST_TEST(proper.front().holds(head));
}

BOOST_AUTO_TEST_CASE(a_field_is_found_by_its_name_in_any_case)
{
    const std::vector<Field> fields = {{"Accept", "a"}, {"COOKIE", "b"}, {"cookie", "c"}};
    BOOST_TEST(find(fields, "Cookie") == "b");
    BOOST_TEST(find(fields, "Cooki").empty());
    BOOST_TEST(find(fields, "").empty());
    BOOST_TEST(equals_ignore_case("", ""));
    BOOST_TEST(equals_ignore_case("aZ-1", "Az-1"));
    BOOST_TEST(!equals_ignore_case("a\r", "a-"));
    BOOST_TEST(!equals_ignore_case("[", "{")); // differ in the bit that letters' cases differ in
}
