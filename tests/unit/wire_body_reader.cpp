#include "proxy/wire/http1.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <ostream>

using namespace paravent::wire;
using namespace paravent::wire::http1;
using namespace std::string_literals;

namespace {

struct Outcome {
    std::string payload;
    std::string trailer;
    bool done = false;
    bool failed = false;
    std::string left; ///< bytes that are not the body's

    bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& os, const Outcome& o)
{
    return os << '"' << o.payload << "\" trailer \"" << o.trailer << "\" left \"" << o.left << "\" done " << o.done
              << " failed " << o.failed;
}

/// Feeds `bytes` as they would come from a socket: each time `step()` bytes more, what was consumed is dropped.
Outcome feed(BodyReader reader, const std::string& bytes, const std::function<std::size_t()>& step)
{
    Outcome out;
    std::string buffered;
    for (std::size_t at = 0; at < bytes.size() && !out.failed;) {
        const std::size_t n = std::min(step(), bytes.size() - at);
        buffered.append(bytes, at, n);
        at += n;
        while (!reader.done()) {
            const auto piece = reader.next(buffered);
            if (piece.has_error()) {
                BOOST_TEST(piece.error() == make_error_code(Error::bad_chunk));
                out.failed = true;
                break;
            }
            if (piece->consumed == 0)
                break;
            BOOST_REQUIRE(piece->consumed <= buffered.size());
            out.payload += piece->payload;
            buffered.erase(0, piece->consumed);
        }
    }
    out.done = reader.done();
    out.trailer = reader.trailer();
    if (out.done)
        out.left = buffered;
    return out;
}

Outcome whole(const BodyReader& reader, const std::string& bytes)
{
    return feed(reader, bytes, [&] { return bytes.size(); });
}

/// The same body must come out however it is cut: byte by byte, and once at each place.
void check_all_splits(const BodyReader& reader, const std::string& bytes, const Outcome& expected)
{
    BOOST_TEST(whole(reader, bytes) == expected);
    BOOST_TEST(feed(reader, bytes, [] { return std::size_t{1}; }) == expected);
    for (std::size_t n = 1; n < bytes.size(); n += bytes.size() > 2000 ? 61 : 1) {
        std::size_t next = n;
        const Outcome cut = feed(reader, bytes, [&] { return std::exchange(next, bytes.size()); });
        BOOST_TEST(cut == expected, "cut at " << n << ": " << cut);
    }
}

struct Case {
    std::string what;
    std::string bytes;
    std::string payload;
    std::string trailer = "";
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.what;
}

const std::vector<Case> proper = {
    {"an empty body", "0\r\n\r\n", ""},
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
    {"many chunks", "1\r\na\r\n2\r\nbc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n", "abc0123456789abcdef"},
    {"hexadecimal in both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
    {"leading zeros", "0000000000000005\r\nhello\r\n0000\r\n\r\n", "hello"},
    {"payload that looks like framing", "9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n0\r\n\r\n\r\n"},
    {"extensions", "5;a;b=c; d=\"e;\" \r\nhello\r\n0;x\r\n\r\n", "hello"},
    {"an empty extension", "5;\r\nhello\r\n0\r\n\r\n", "hello"},
    {"the longest line", "5;" + std::string(max_chunk_line - 4, 'x') + "\r\nhello\r\n0\r\n\r\n", "hello"},
    {"a trailer", "0\r\nServer-Timing: a\r\nX-A:b\r\n\r\n", "", "Server-Timing: a\r\nX-A: b\r\n"},
    {"a trailer whose fields must not pass",
     "0\r\nContent-Length: 5\r\nX: 1\r\ntransfer-encoding: chunked\r\nHOST: a\r\nSet-Cookie: a\r\nCookie: a\r\n"
     "Authorization: a\r\nProxy-Authorization: a\r\nConnection: a\r\nIf-Match: a\r\nContent-Type: a\r\n"
     "Access-Control-Allow-Origin: *\r\nTrailer: a\r\nTE: a\r\nUpgrade: a\r\nVia: a\r\nCache-Control: a\r\n"
     "Sec-Fetch-Site: a\r\nX-Forwarded-For: a\r\nLocation: a\r\nContent-Digest: y\r\n\r\n",
     "", "X: 1\r\nContent-Digest: y\r\n"},
    {"the most trailer fields",
     "0\r\n" +
         [] {
             std::string lines;
             for (std::size_t i = 0; i < max_fields; ++i)
                 lines += "age: 1\r\n";
             return lines;
         }() +
         "\r\n",
     ""},
};

struct Bad {
    std::string what;
    std::string bytes;
};

std::ostream& operator<<(std::ostream& os, const Bad& c)
{
    return os << c.what;
}

const std::vector<Bad> bad = {
    // Table H1
    {"17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"2^64 - 1", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"},
    {"2^63", "8000000000000000\r\nhello\r\n0\r\n\r\n"},
    {"a plus", "+5\r\nhello\r\n0\r\n\r\n"},
    {"a minus", "-5\r\nhello\r\n0\r\n\r\n"},
    {"0x", "0x5\r\nhello\r\n0\r\n\r\n"},
    {"a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"},
    {"a blank behind the size", "5 \r\nhello\r\n0\r\n\r\n"},
    {"a blank before an extension", "5 ;a\r\nhello\r\n0\r\n\r\n"},
    {"a tab behind the size", "5\t\r\nhello\r\n0\r\n\r\n"},
    {"an underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"},
    {"no size", "\r\nhello\r\n0\r\n\r\n"},
    {"no size but an extension", ";a\r\nhello\r\n0\r\n\r\n"},
    {"letters", "xyz\r\nhello\r\n0\r\n\r\n"},
    {"digits of another script", "\xd9\xa5\r\nhello\r\n0\r\n\r\n"},
    {"bare LF behind the size", "5\nhello\r\n0\r\n\r\n"},
    {"bare CR behind the size", "5\rhello\r\n0\r\n\r\n"},
    {"CR CR LF behind the size", "5\r\r\nhello\r\n0\r\n\r\n"},
    {"bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"},
    {"bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"},
    {"NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"s},
    {"an extension too long", "5;" + std::string(max_chunk_line, 'x') + "\r\nhello\r\n0\r\n\r\n"},
    {"no CRLF behind the payload", "5\r\nhello0\r\n\r\n"},
    {"bare LF behind the payload", "5\r\nhello\n0\r\n\r\n"},
    {"bare CR behind the payload", "5\r\nhello\r0\r\n\r\n"},
    {"a payload longer than said", "5\r\nhello!\r\n0\r\n\r\n"},
    {"bare LF behind the last chunk", "0\n\r\n"},
    {"bare LF at the end", "0\r\n\n"},
    {"bare CR at the end", "0\r\n\rx\r\n\r\n"},
    {"bare LF in the trailer", "0\r\nx: y\n\r\n"},
    {"a folded trailer", "0\r\nx: y\r\n z\r\n\r\n"},
    {"a trailer without colon", "0\r\nGET / HTTP/1.1\r\n\r\n"},
    {"a blank before a trailer's colon", "0\r\nx : y\r\n\r\n"},
    {"a control byte in a trailer", "0\r\nx: \x01\r\n\r\n"},
    {"201 trailer fields", "0\r\n" +
                               [] {
                                   std::string lines;
                                   for (std::size_t i = 0; i <= max_fields; ++i)
                                       lines += "x: y\r\n";
                                   return lines;
                               }() +
                               "\r\n"},
    {"a trailer line too long", "0\r\nx: " + std::string(max_trailer, 'y') + "\r\n\r\n"},
    {"trailer lines that fill the bound to the byte", "0\r\nx: " + std::string(max_trailer - 5, 'y') + "\r\n\r\n"},
};

} // namespace

BOOST_DATA_TEST_CASE(chunks_come_out_the_same_however_they_are_cut, proper, c)
{
    const BodyReader reader(Framing::chunked, 0);
    for (const std::string& next : {""s, "GET / HTTP/1.1\r\n"s})
        check_all_splits(reader, c.bytes + next, {c.payload, c.trailer, true, false, next});
}

BOOST_DATA_TEST_CASE(chunks_that_leave_a_doubt_are_refused_however_they_are_cut, bad, c)
{
    const BodyReader reader(Framing::chunked, 0);
    const Outcome once = whole(reader, c.bytes);
    BOOST_TEST(once.failed);
    BOOST_TEST(!once.done);
    BOOST_TEST(feed(reader, c.bytes, [] { return std::size_t{1}; }).failed);
    BOOST_TEST(("hello"s.starts_with(once.payload)));
}

BOOST_AUTO_TEST_CASE(the_extensions_of_a_whole_body_are_bounded)
{
    const std::string chunk = "1;" + std::string(1023, 'x') + "\r\na\r\n";
    std::string bytes;
    for (std::size_t i = 0; i < max_extensions / 1024; ++i)
        bytes += chunk;
    const BodyReader reader(Framing::chunked, 0);
    BOOST_TEST(whole(reader, bytes + "0\r\n\r\n").done);
    BOOST_TEST(whole(reader, bytes + "0;\r\n\r\n").failed);
}

BOOST_AUTO_TEST_CASE(payload_and_end_come_in_one_call_where_both_are_there)
{
    BodyReader reader(Framing::chunked, 0);
    const std::string bytes = "5\r\nhello\r\n0\r\nx: y\r\n\r\nmore";
    const auto piece = reader.next(bytes);
    BOOST_REQUIRE(piece.has_value());
    BOOST_TEST(piece->payload == "hello");
    BOOST_TEST(piece->consumed == bytes.size() - 4);
    BOOST_TEST(reader.done());
    BOOST_TEST(reader.next("more")->consumed == 0U);
}

BOOST_AUTO_TEST_CASE(an_error_comes_after_the_payload_before_it)
{
    BodyReader reader(Framing::chunked, 0);
    const std::string bytes = "5\r\nhello\r\n?";
    const auto piece = reader.next(bytes);
    BOOST_REQUIRE(piece.has_value());
    BOOST_TEST(piece->payload == "hello");
    BOOST_TEST(reader.next(bytes.substr(piece->consumed)).has_error());
}

BOOST_AUTO_TEST_CASE(a_body_of_known_length_ends_there)
{
    check_all_splits(BodyReader(Framing::length, 5), "hello", {"hello", "", true, false, ""});
    const Outcome more = whole(BodyReader(Framing::length, 5), "helloGET /");
    BOOST_TEST((more == Outcome{"hello", "", true, false, "GET /"}));

    BodyReader reader(Framing::length, 5);
    BOOST_TEST(reader.next("hel")->consumed == 3U);
    BOOST_TEST(reader.remaining() == 2U);
    BOOST_TEST(!reader.at_close());
    BOOST_TEST(reader.next("")->consumed == 0U);
    BOOST_TEST(reader.next("lo")->payload == "lo");
    BOOST_TEST(reader.done());
    BOOST_TEST(reader.at_close());
}

BOOST_AUTO_TEST_CASE(no_body_is_done_at_once)
{
    for (BodyReader reader : {BodyReader{}, BodyReader(Framing::none, 7), BodyReader(Framing::length, 0)}) {
        BOOST_TEST(reader.done());
        BOOST_TEST(reader.next("x")->consumed == 0U);
        BOOST_TEST(reader.at_close());
        BOOST_TEST(reader.remaining() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_body_until_close_ends_with_the_connection_only)
{
    BodyReader reader(Framing::until_close, 0);
    BOOST_TEST(reader.next("abc")->payload == "abc");
    BOOST_TEST(!reader.done());
    BOOST_TEST(reader.at_close());
    BOOST_TEST(reader.done());
}

BOOST_AUTO_TEST_CASE(a_chunked_body_that_is_cut_short_is_no_body)
{
    const std::string bytes = "5\r\nhello\r\n0\r\nx: y\r\n\r\n";
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        BodyReader reader(Framing::chunked, 0);
        std::string_view rest = std::string_view(bytes).substr(0, n);
        for (auto piece = reader.next(rest); piece->consumed != 0; piece = reader.next(rest))
            rest.remove_prefix(piece->consumed);
        BOOST_TEST(!reader.at_close(), "cut at " << n);
    }
}
