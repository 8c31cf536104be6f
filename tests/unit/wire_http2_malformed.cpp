#include "wire_http2_peer.hpp"

#include <boost/test/data/test_case.hpp>

using namespace http2_peer;

namespace {

struct Head {
    std::string what;
    Pairs fields;
};
std::ostream& operator<<(std::ostream& os, const Head& h)
{
    return os << h.what;
}

/// A request's pseudo-fields with one of them changed; an empty value stays, "-" takes it away.
Pairs with(const std::string& name, const std::string& value)
{
    Pairs out = get();
    std::erase_if(out, [&](const auto& f) { return f.first == name && value == "-"; });
    for (auto& [n, v] : out)
        if (n == name)
            v = value;
    return out;
}

const std::vector<Head> bad_requests = {
    {"a name in upper case", get({{"X-A", "b"}})},
    {"a name with a blank", get({{"x a", "b"}})},
    {"a name with a colon", get({{"x:", "b"}})},
    {"an empty name", get({{"", "b"}})},
    {"CR in a value", get({{"x", "a\rb"}})},
    {"LF in a value", get({{"x", "a\nb"}})},
    {"NUL in a value", get({{"x", "a\0b"s}})},
    {"a blank before a value", get({{"x", " a"}})},
    {"a blank behind a value", get({{"x", "a "}})},
    {"connection", get({{"connection", "close"}})},
    {"keep-alive", get({{"keep-alive", "1"}})},
    {"proxy-connection", get({{"proxy-connection", "close"}})},
    {"transfer-encoding", get({{"transfer-encoding", "chunked"}})},
    {"upgrade", get({{"upgrade", "h2c"}})},
    {"te other than trailers", get({{"te", "gzip"}})},
    {"no :method", with(":method", "-")},
    {"no :scheme", with(":scheme", "-")},
    {"no :path", with(":path", "-")},
    {"neither :authority nor host", with(":authority", "-")},
    {":method twice", get({{":method", "GET"}})},
    {":authority twice",
     {{":authority", "a.example"},
      {":method", "GET"},
      {":scheme", "https"},
      {":authority", "a.example"},
      {":path", "/"}}},
    {"a pseudo-field behind the others",
     {{":method", "GET"}, {":scheme", "https"}, {":authority", "a.example"}, {"x", "y"}, {":path", "/"}}},
    {"an unknown pseudo-field", {{":x", "y"}, {":method", "GET"}, {":scheme", "https"}, {":path", "/"}}},
    {":status in a request", {{":status", "200"}, {":method", "GET"}, {":scheme", "https"}, {":path", "/"}}},
    {"a method with a blank", with(":method", "G T")},
    {"an empty method", with(":method", "")},
    {"a method of 33 letters", with(":method", std::string(33, 'A'))},
    {"an empty path", with(":path", "")},
    {"a path without slash", with(":path", "x")},
    {"an absolute path", with(":path", "https://b.example/")},
    {"* with GET", with(":path", "*")},
    {"a blank in the path", with(":path", "/a b")},
    {"a tab in the path", with(":path", "/a\tb")},
    {"DEL in the path", with(":path", "/a\x7f")},
    {"a scheme of another kind", with(":scheme", "ftp")},
    {"an empty scheme", with(":scheme", "")},
    {"a scheme in upper case", with(":scheme", "HTTPS")},
    {"userinfo", with(":authority", "user@a.example")},
    {"an empty authority", with(":authority", "")},
    {"an authority with a path", with(":authority", "a.example/b")},
    {"a list of authorities", with(":authority", "a.example,b.example")},
    {"a port beyond 65535", with(":authority", "a.example:65536")},
    {"host that differs", get({{"host", "b.example"}})},
    {"host with another port", get({{"host", "a.example:8443"}})},
    {"an empty host", get({{"host", ""}})},
    {"host twice", get({{"host", "a.example"}, {"host", "a.example"}})},
    {"host with userinfo alone", {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "u@a"}}},
    {"content-length with a sign", post({{"content-length", "+0"}})},
    {"an empty content-length", post({{"content-length", ""}})},
    {"a list of lengths", post({{"content-length", "0, 0"}})},
    {"content-length twice", post({{"content-length", "0"}, {"content-length", "0"}})},
    {"a length where no body follows", post({{"content-length", "5"}})},
    {"a length of 2^64", post({{"content-length", "18446744073709551616"}})},
    {"CONNECT", {{":method", "CONNECT"}, {":authority", "a.example:443"}}},
    {"CONNECT with all of a request", with(":method", "CONNECT")},
    {"extended CONNECT",
     {{":method", "CONNECT"},
      {":protocol", "websocket"},
      {":scheme", "https"},
      {":authority", "a.example"},
      {":path", "/"}}},
    {"nothing", {}},
};

struct Bytes {
    std::string what, bytes;
    std::uint32_t code;
};
std::ostream& operator<<(std::ostream& os, const Bytes& b)
{
    return os << b.what;
}

std::string post_of(const std::string& length, const std::string& rest)
{
    return head(1, post({{"content-length", length}}), end_headers) + rest;
}

const std::vector<Bytes> bad_bodies = {
    {"more than was announced", post_of("3", frame(data, 0, 1, "abcd")), protocol_error},
    {"less than was announced", post_of("3", frame(data, end_stream, 1, "ab")), protocol_error},
    {"less than was announced, with a trailer", post_of("3", frame(data, 0, 1, "ab") + head(1, {{"x", "y"}})),
     protocol_error},
    {"a pseudo-field in the trailer", post_of("0", head(1, {{":path", "/"}})), protocol_error},
    {"a trailer's name in upper case", post_of("0", head(1, {{"X", "y"}})), protocol_error},
    {"a connection field in the trailer", post_of("0", head(1, {{"connection", "close"}})), protocol_error},
    {"a trailer that does not end the stream", post_of("0", head(1, {{"x", "y"}}, end_headers)), protocol_error},
    {"a trailer over its bound", post_of("0", head(1, {{"x", std::string(16355, 'y')}})), protocol_error},
    {"a stream window over 2^31 - 1", post_of("3", frame(window_update, 0, 1, number(0x7fffffff, 4))),
     flow_control_error},
};

std::string raw_head(std::uint32_t stream, const std::string& of, unsigned flags = end_headers | end_stream)
{
    return frame(headers, flags, stream, of);
}

constexpr std::uint32_t frame_size_error = 6;
constexpr std::uint32_t compression_error = 9;

const std::vector<Bytes> bad_connections = {
    {"a head on stream 0", head(0, get()), protocol_error},
    {"a head on a stream of ours", head(2, get()), protocol_error},
    {"data on a stream that never was", frame(data, 0, 1, "x"), protocol_error},
    {"a reset of a stream that never was", frame(rst_stream, 0, 1, number(8, 4)), protocol_error},
    {"a window for a stream that never was", frame(window_update, 0, 1, number(1, 4)), protocol_error},
    {"PUSH_PROMISE", frame(push_promise, end_headers, 1, number(2, 4) + block(get())), protocol_error},
    {"a PING of 7 bytes", frame(ping, 0, 0, "1234567"), frame_size_error},
    {"a PING on a stream", frame(ping, 0, 1, "12345678"), protocol_error},
    {"SETTINGS of 5 bytes", frame(settings, 0, 0, "12345"), frame_size_error},
    {"SETTINGS on a stream", frame(settings, 0, 1, ""), protocol_error},
    {"an initial window of 2^31", frame(settings, 0, 0, number(4, 2) + number(1U << 31, 4)), flow_control_error},
    {"a frame size below 2^14", frame(settings, 0, 0, number(5, 2) + number(100, 4)), protocol_error},
    {"ENABLE_PUSH of 2", frame(settings, 0, 0, number(2, 2) + number(2, 4)), protocol_error},
    {"a connection window of no bytes more", frame(window_update, 0, 0, number(0, 4)), protocol_error},
    {"a connection window over 2^31 - 1", frame(window_update, 0, 0, number(0x7fffffff, 4)), flow_control_error},
    {"a frame over 2^14 bytes", frame(ping, 0, 0, std::string(16385, 'x')), frame_size_error},
    {"a field of a table that is empty", raw_head(1, "\xff\x80\x01"), compression_error},
    {"a Huffman code that is none", raw_head(1, "\0\x84\xff\xff\xff\xff\x01x"s), compression_error},
    {"a table size over what was announced", raw_head(1, "\x3f\xe2\x1f"), compression_error},
    {"CONTINUATION without a head", frame(continuation, end_headers, 1, ""), protocol_error},
    {"another frame within a head", raw_head(1, "", 0) + frame(ping, 0, 0, "12345678"), protocol_error},
    {"another stream's CONTINUATION within a head", raw_head(1, "", 0) + frame(continuation, end_headers, 3, ""),
     protocol_error},
    {"more padding than payload", head(1, post(), end_headers) + frame(data, padded, 1, "\x05x"), protocol_error},
};

const Pairs ok = {{":status", "200"}};

Pairs answer(const Pairs& more)
{
    Pairs out = ok;
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

const std::vector<Head> bad_responses = {
    {"no :status", {{"x", "y"}}},
    {":status twice", answer({{":status", "200"}})},
    {"a status of 2 digits", {{":status", "20"}}},
    {"a status of 4 digits", {{":status", "2000"}}},
    {"a status of letters", {{":status", "abc"}}},
    {"a status below 100", {{":status", "099"}}},
    {"101", {{":status", "101"}}},
    {"1xx that ends the stream", {{":status", "103"}}},
    {":path in a response", {{":status", "200"}, {":path", "/"}}},
    {"a pseudo-field behind the others", {{"x", "y"}, {":status", "200"}}},
    {"a name in upper case", answer({{"X", "y"}})},
    {"connection", answer({{"connection", "close"}})},
    {"transfer-encoding", answer({{"transfer-encoding", "chunked"}})},
    {"upgrade", answer({{"upgrade", "x"}})},
    {"CR LF in a value", answer({{"x", "a\r\nb"}})},
    {"content-length twice", answer({{"content-length", "0"}, {"content-length", "0"}})},
    {"a length where no body follows", answer({{"content-length", "5"}})},
};

} // namespace

BOOST_DATA_TEST_CASE(http2_malformed_requests_are_reset_and_the_connection_goes_on, bad_requests, c)
{
    for (const std::size_t step : {std::size_t{1}, std::size_t{1} << 20}) {
        Served served;
        const std::string bytes = head(1, c.fields) + head(3, get());
        for (std::size_t at = 0; at < bytes.size(); at += step)
            BOOST_REQUIRE(!served.session.feed(std::string_view(bytes).substr(at, step)));
        BOOST_TEST(served.told.told() == "3 head GET https a.example / end\n");
        const auto resets = sent(served.session, rst_stream);
        BOOST_REQUIRE(resets.size() == 1U);
        BOOST_TEST(resets[0].stream == 1U);
        BOOST_TEST(resets[0].code() == protocol_error);
        BOOST_TEST(served.session.streams() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(http2_the_proper_request_of_these_tables_is_taken)
{
    Served served;
    BOOST_TEST(!served.session.feed(head(1, get()) + head(3, with(":method", "OPTIONS")) +
                                    head(5, {{":method", "OPTIONS"},
                                             {":scheme", "http"},
                                             {":authority", "[::1]:80"},
                                             {":path", "*"},
                                             {"te", "trailers"},
                                             {"content-length", "0"}})));
    BOOST_TEST(served.told.told() == "1 head GET https a.example / end\n3 head OPTIONS https a.example / end\n"
                                     "5 head OPTIONS http [::1]:80 * te=trailers; content-length=0; length 0 end\n");
}

BOOST_DATA_TEST_CASE(http2_malformed_bodies_are_reset_and_the_listener_is_told, bad_bodies, c)
{
    Served served;
    BOOST_REQUIRE(!served.session.feed(c.bytes));
    const auto resets = sent(served.session, rst_stream);
    BOOST_REQUIRE(resets.size() == 1U);
    BOOST_TEST(resets[0].code() == c.code);
    BOOST_TEST(served.told.told().ends_with("1 reset " + std::to_string(c.code) + "\n"));
    BOOST_TEST(served.session.streams() == 0U);
    BOOST_TEST(!served.session.feed(head(3, get())));
    BOOST_TEST(served.told.told().starts_with("3 head"));
}

BOOST_AUTO_TEST_CASE(http2_trailer_fields_that_may_not_be_forwarded_are_left_out)
{
    Served served;
    const Pairs trailer = {{"server-timing", "a"}, {"content-type", "x"}, {"cookie", "b"}, {"x", "y"}};
    BOOST_TEST(!served.session.feed(head(1, post(), end_headers) + head(1, trailer)));
    BOOST_TEST(served.told.told() == "1 head POST https a.example /\n1 end server-timing: a\r\nx: y\r\n\n");
}

BOOST_AUTO_TEST_CASE(http2_heads_of_streams_older_than_others_are_not_heard)
{
    Served served;
    BOOST_TEST(!served.session.feed(head(3, get()) + head(1, get())));
    BOOST_TEST(served.told.told() == "3 head GET https a.example / end\n");
    BOOST_TEST(served.session.streams() == 1U);
}

BOOST_DATA_TEST_CASE(http2_what_breaks_the_connection_ends_it_with_a_goodbye, bad_connections, c)
{
    Served served;
    BOOST_TEST(served.session.feed(c.bytes) == make_error_code(Error::http2_malformed));
    BOOST_TEST(!served.session.over());
    const auto goodbyes = sent(served.session, goaway);
    BOOST_REQUIRE(goodbyes.size() == 1U);
    BOOST_TEST(goodbyes[0].code() == c.code);
    BOOST_TEST(served.session.over());
    served.told.told();
    BOOST_TEST(served.session.feed(head(5, get())).failed());
    BOOST_TEST(served.told.told().empty());
    BOOST_TEST(served.session.output().empty());
}

BOOST_AUTO_TEST_CASE(http2_a_connection_starts_with_preface_and_settings)
{
    for (const std::string& start : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"s, preface + head(1, get()),
                                     preface + frame(ping, 0, 0, "12345678"), preface + frame(settings, ack, 0, "")}) {
        Recorder told;
        Session server(Role::server, told);
        BOOST_TEST(server.feed(start).failed());
        BOOST_TEST(sent(server, goaway).size() == 1U);
        BOOST_TEST(server.over());
        BOOST_TEST(told.told().empty());
    }
}

BOOST_DATA_TEST_CASE(http2_malformed_responses_are_reset_and_the_connection_goes_on, bad_responses, c)
{
    Asked asked(2);
    BOOST_REQUIRE(!asked.session.feed(head(1, c.fields) + head(3, ok)));
    const auto resets = sent(asked.session, rst_stream);
    BOOST_REQUIRE(resets.size() == 1U);
    BOOST_TEST(resets[0].stream == 1U);
    BOOST_TEST(resets[0].code() == protocol_error);
    const std::string told = asked.told.told();
    BOOST_TEST(told.find("1 reset 1\n") != std::string::npos);
    BOOST_TEST(told.find("3 head 200 end\n") != std::string::npos);
    BOOST_TEST(asked.session.streams() == 0U);
}

BOOST_AUTO_TEST_CASE(http2_blanks_around_an_origins_values_are_cut_off)
{
    Asked asked;
    BOOST_TEST(!asked.session.feed(head(1, answer({{"x", " a b\t"}}))));
    BOOST_TEST(asked.told.told() == "1 head 200 x=a b; end\n");
}

BOOST_AUTO_TEST_CASE(http2_a_body_where_none_may_be_is_reset)
{
    for (const auto& [method, status] : {std::pair{"HEAD", "200"}, {"GET", "204"}, {"GET", "304"}}) {
        Asked asked(1, method);
        BOOST_TEST(!asked.session.feed(head(1, {{":status", status}}, end_headers) + frame(data, end_stream, 1, "x")));
        drain(asked.session);
        BOOST_TEST(asked.told.told().ends_with("1 reset 1\n"));
        BOOST_TEST(asked.told.bodies[1].empty());
    }
}

BOOST_AUTO_TEST_CASE(http2_answers_to_head_say_a_length_and_end)
{
    Asked asked(1, "HEAD");
    BOOST_TEST(!asked.session.feed(head(1, answer({{"content-length", "5"}}))));
    BOOST_TEST(asked.told.told() == "1 head 200 content-length=5; length 5 end\n");
}

BOOST_AUTO_TEST_CASE(http2_a_body_before_its_head_is_never_heard)
{
    for (const unsigned flags : {0U, end_stream}) {
        Asked asked;
        BOOST_TEST(asked.session.feed(frame(data, flags, 1, "x")).failed());
        BOOST_TEST(sent(asked.session, goaway).size() == 1U);
        BOOST_TEST(asked.told.told().empty());

        Asked interim;
        BOOST_TEST(!interim.session.feed(head(1, {{":status", "103"}}, end_headers) + frame(data, flags, 1, "x")));
        drain(interim.session);
        BOOST_TEST(interim.told.told() == "1 interim 103\n1 reset 1\n");
    }
}

BOOST_AUTO_TEST_CASE(http2_a_push_ends_the_connection_also_before_our_settings_are_known)
{
    const std::string push = frame(push_promise, end_headers, 1, number(2, 4) + block(get()));
    for (const std::string& start : {frame(settings, 0, 0, ""), server_start}) {
        Recorder told;
        Session client(Role::client, told);
        BOOST_REQUIRE(client.request({"GET", "https", "a.example", "/"}, {}, false).has_value());
        drain(client);
        BOOST_TEST(client.feed(start + push) == make_error_code(Error::http2_malformed));
        const auto goodbyes = sent(client, goaway);
        BOOST_REQUIRE(goodbyes.size() == 1U);
        BOOST_TEST(goodbyes[0].code() == protocol_error);
        BOOST_TEST(client.over());
        BOOST_TEST(told.told().empty());
    }
}
