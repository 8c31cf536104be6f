#include "proxy/wire/http1.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent::wire;
using namespace paravent::wire::http1;
using namespace std::string_literals;

namespace {

std::string ok(const std::string& fields)
{
    return "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
}

std::string with_status(const std::string& status, const std::string& fields = "")
{
    return "HTTP/1.1 " + status + "\r\n" + fields + "\r\n";
}

std::string many_fields(unsigned n)
{
    std::string out;
    for (unsigned i = 0; i < n; ++i)
        out += "x: y\r\n";
    return out;
}

struct Case {
    std::string what;
    std::string head;
    bool (*holds)(const ResponseHead&) = nullptr; ///< none: refused
    std::string method = "GET";
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.what;
}

const std::vector<Case> refused = {
    // Table H4
    {"HTTP/0.9", "<html>hello</html>"},
    {"HTTP/0.9 that ends a line", "hello\r\n\r\n"},
    {"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"},
    {"HTTP/2 without minor", "HTTP/2 200\r\n\r\n"},
    {"HTTP/0.9 written out", "HTTP/0.9 200 OK\r\n\r\n"},
    {"HTTP/1.10", "HTTP/1.10 200 OK\r\n\r\n"},
    {"HTTP/1", "HTTP/1 200 OK\r\n\r\n"},
    {"lower case", "http/1.1 200 OK\r\n\r\n"},
    {"another protocol", "ICY 200 OK\r\n\r\n"},
    {"an empty line before it", "\r\n" + ok("")},
    {"no status", "HTTP/1.1\r\n\r\n"},
    {"an empty status", "HTTP/1.1 \r\n\r\n"},
    {"two digits", with_status("20 OK")},
    {"four digits", with_status("2000 OK")},
    {"a status of 099", with_status("099 OK")},
    {"a status with a sign", with_status("+20 OK")},
    {"a status with letters", with_status("2OO OK")},
    {"two blanks before the status", with_status(" 200 OK")},
    {"a tab before the status", "HTTP/1.1\t200 OK\r\n\r\n"},
    {"a tab behind the status", with_status("200\tOK")},
    {"a blank before the version", " " + ok("")},
    {"NUL in the reason", with_status("200 O\0K"s)},
    {"CR in the reason", with_status("200 O\rK")},
    {"both lengths", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
    {"both lengths, where no body follows",
     with_status("204 No", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")},
    {"two lengths", ok("Content-Length: 5\r\nContent-Length: 6\r\n")},
    {"two lengths that agree", ok("Content-Length: 5\r\nContent-Length: 5\r\n")},
    {"a list of lengths", ok("Content-Length: 5, 5\r\n")},
    {"a length with a sign", ok("Content-Length: +5\r\n")},
    {"an empty length", ok("Content-Length:\r\n")},
    {"a length of 2^63", ok("Content-Length: 9223372036854775808\r\n")},
    {"a bad length with HEAD", ok("Content-Length: x\r\n"), nullptr, "HEAD"},
    {"two codings", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {"gzip", ok("Transfer-Encoding: gzip\r\n")},
    {"gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n")},
    {"identity", ok("Transfer-Encoding: identity\r\n")},
    {"chunked with VT", ok("Transfer-Encoding: \x0b"s + "chunked\r\n")},
    {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"100 with a length", with_status("100 Continue", "Content-Length: 5\r\n")},
    {"103 with chunks", with_status("103 Early", "Transfer-Encoding: chunked\r\n")},
    {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\n"},
    {"bare LF behind a field", ok("a: b\n")},
    {"bare CR", ok("a: b\rc: d\r\n")},
    {"folded line", ok("a: b\r\n c\r\n")},
    {"blank before the colon", ok("Content-Length : 5\r\n")},
    {"no colon", ok("abc\r\n")},
    {"NUL", ok("a: \0\r\n"s)},
    {"201 fields", ok(many_fields(max_fields + 1))},
    {"a head over 64 KiB", ok("a: " + std::string(max_head, 'b') + "\r\n")},
    {"a reason that never ends", "HTTP/1.1 200 " + std::string(max_head, 'b')},
    {"33 names in Connection", ok("Connection: " +
                                  [] {
                                      std::string names = "a";
                                      for (int i = 0; i < 32; ++i)
                                          names += ",b";
                                      return names;
                                  }() +
                                  "\r\n")},
};

const std::vector<Case> proper = {
    {"status, reason and version", with_status("404 Not\tFound \xe4"),
     [](const ResponseHead& h) {
         return h.status == 404 && h.reason == "Not\tFound \xe4" && h.minor == 1 && h.fields.empty();
     }},
    {"an empty reason", with_status("200 "), [](const ResponseHead& h) { return h.status == 200 && h.reason.empty(); }},
    {"a missing reason", with_status("200"), [](const ResponseHead& h) { return h.status == 200 && h.reason.empty(); }},
    {"a status of 999", with_status("999 x"), [](const ResponseHead& h) { return h.status == 999; }},
    {"a later minor version", "HTTP/1.9 200 OK\r\n\r\n", [](const ResponseHead& h) { return h.minor == 1; }},
    {"a length", ok("Content-Length: 5\r\n"),
     [](const ResponseHead& h) {
         return h.framing == Framing::length && h.length == 5 && h.has_length && h.keep_alive;
     }},
    {"chunks", ok("Transfer-Encoding: Chunked\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::chunked && h.keep_alive && !h.has_length; }},
    {"neither", ok(""), [](const ResponseHead& h) { return h.framing == Framing::until_close && !h.keep_alive; }},
    {"200 fields", ok(many_fields(max_fields)), [](const ResponseHead& h) { return h.fields.size() == max_fields; }},
    {"HEAD with a length", ok("Content-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && h.length == 5 && h.has_length && h.keep_alive; },
     "HEAD"},
    {"HEAD with chunks", ok("Transfer-Encoding: chunked\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && h.keep_alive; }, "HEAD"},
    {"HEAD with neither", ok(""), [](const ResponseHead& h) { return h.framing == Framing::none && h.keep_alive; },
     "HEAD"},
    {"head is not HEAD", ok("Content-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::length; }, "head"},
    {"304 with a length", with_status("304 Not Modified", "Content-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && h.length == 5 && h.keep_alive; }},
    {"204", with_status("204 No Content"),
     [](const ResponseHead& h) { return h.framing == Framing::none && h.keep_alive; }},
    {"204 with a length of 0", with_status("204 No Content", "Content-Length: 0\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && h.keep_alive; }},
    {"204 that announces a body is not trusted to send none", with_status("204 No Content", "Content-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && !h.keep_alive; }},
    {"204 with chunks", with_status("204 No Content", "Transfer-Encoding: chunked\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && !h.keep_alive; }},
    {"205 has a body like any other", with_status("205 Reset Content", "Content-Length: 0\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::length; }},
    {"100", with_status("100 Continue"),
     [](const ResponseHead& h) { return h.status == 100 && h.framing == Framing::none && h.keep_alive; }},
    {"103", with_status("103 Early Hints", "Link: </a.css>\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none && h.fields.size() == 1; }},
    {"CONNECT", with_status("200 Connected", "Content-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none; }, "CONNECT"},
    {"CONNECT with chunks", with_status("299 Connected", "Transfer-Encoding: chunked\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::none; }, "CONNECT"},
    {"CONNECT refused", with_status("403 Forbidden", "Content-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.framing == Framing::length; }, "CONNECT"},
    {"101", with_status("101 Switching Protocols", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
     [](const ResponseHead& h) { return h.upgrade == "websocket" && h.framing == Framing::none; }},
    {"101 with a length", with_status("101 x", "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n"),
     [](const ResponseHead& h) { return h.upgrade == "websocket" && h.framing == Framing::none; }},
    {"101 whose Connection says nothing", with_status("101 x", "Upgrade: websocket\r\n"),
     [](const ResponseHead& h) { return h.upgrade.empty(); }},
    {"101 without Upgrade", with_status("101 x", "Connection: Upgrade\r\n"),
     [](const ResponseHead& h) { return h.upgrade.empty(); }},
    {"Upgrade offered", with_status("426 x", "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n"),
     [](const ResponseHead& h) { return h.upgrade.empty(); }},
    {"close", ok("Connection: close\r\nContent-Length: 5\r\n"), [](const ResponseHead& h) { return !h.keep_alive; }},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n",
     [](const ResponseHead& h) { return h.minor == 0 && !h.keep_alive; }},
    {"HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",
     [](const ResponseHead& h) { return h.keep_alive; }},
    {"HTTP/1.0 with Proxy-Connection", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nProxy-Connection: keep-alive\r\n\r\n",
     [](const ResponseHead& h) { return !h.keep_alive; }},
};

std::vector<std::size_t> cuts(const std::string& bytes)
{
    std::vector<std::size_t> out;
    for (std::size_t n = 0; n < bytes.size(); n += n < 200 || n + 200 >= bytes.size() ? 1 : 97)
        out.push_back(n);
    return out;
}

} // namespace

BOOST_DATA_TEST_CASE(an_answer_that_leaves_a_doubt_is_a_bad_response, refused, c)
{
    ResponseHead head;
    for (const std::string& more : {""s, "x"s, ok("")}) {
        const auto whole = parse_response(c.head + more, c.method, head);
        BOOST_REQUIRE(whole.has_error());
        BOOST_TEST(whole.error() == make_error_code(Error::bad_response));
    }
    for (const std::size_t n : cuts(c.head)) {
        const auto part = parse_response(c.head.substr(0, n), c.method, head);
        BOOST_TEST((part.has_error() || *part == 0), "cut at " << n);
    }
}

BOOST_DATA_TEST_CASE(a_proper_answer_is_read_whole_or_not_at_all, proper, c)
{
    ResponseHead head;
    for (const std::string& more : {""s, "x"s, "\r\n"s, ok(""), std::string(max_head, 'x')}) {
        const std::string bytes = c.head + more;
        const auto whole = parse_response(bytes, c.method, head);
        BOOST_REQUIRE(whole.has_value());
        BOOST_TEST(*whole == c.head.size());
        BOOST_TEST(c.holds(head));
    }
    for (const std::size_t n : cuts(c.head)) {
        const auto part = parse_response(c.head.substr(0, n), c.method, head);
        BOOST_REQUIRE_MESSAGE(part.has_value(), "cut at " << n);
        BOOST_TEST(*part == 0, "cut at " << n);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_is_refused_at_its_first_wrong_byte)
{
    ResponseHead head;
    BOOST_TEST(parse_response("S", "GET", head).has_error());
    BOOST_TEST(parse_response("HTTP/2", "GET", head).has_error());
    BOOST_TEST(parse_response("HTTP/1.1 20 OK\r\n", "GET", head).has_error());
    BOOST_TEST(parse_response(std::string("HTTP/1.1 200 ").append(max_head - 13, 'x'), "GET", head).has_error());
}
