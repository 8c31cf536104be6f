#include "proxy/wire/http1.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace paravent::wire;
using namespace paravent::wire::http1;

namespace {

std::string request(const Outgoing& out, const std::vector<Field>& fields = {})
{
    std::string to = "before ";
    write_request(to, out, fields);
    BOOST_TEST(to.starts_with("before "));
    return to.substr(7);
}

std::string response(const Reply& reply, const std::vector<Field>& fields = {})
{
    std::string to;
    write_response(to, reply, fields);
    return to;
}

const std::vector<std::string> never = {
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Authentication-Info",
    "Proxy-Features",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "HTTP2-Settings",
    "Content-Length",
    "Host",
    "Expect",
    "Proxy",
    "PROXY-AUTHORIZATION",
    "te",
    "hOST",
};
const std::vector<std::string> always = {
    "Cookie",
    "Set-Cookie",
    "Date",
    "Server",
    "Alt-Svc",
    "Proxy-Status",
    "Proxies",
    "Accept",
    "T",
    "TEE",
    "Hosts",
    "Content-Type",
    "Content-Lengths",
    "X-Content-Length",
    "Connections",
    "Via",
    "Upgrade-Insecure-Requests",
    "Age",
};

} // namespace

BOOST_DATA_TEST_CASE(what_belongs_to_one_hop_never_passes, never, name)
{
    const std::vector<Field> fields = {{name, "x"}};
    BOOST_TEST(HopByHop(fields).drops(name));
    BOOST_TEST(HopByHop({}).drops(name));
    BOOST_TEST(request({"GET", "/", "a"}, fields).find(name + ": x") == std::string::npos);
    BOOST_TEST(response({}, fields).find(name + ": x") == std::string::npos);
}

BOOST_DATA_TEST_CASE(what_belongs_to_both_ends_passes_unless_connection_names_it, always, name)
{
    BOOST_TEST(!HopByHop({}).drops(name));
    BOOST_TEST(HopByHop(std::vector<Field>{{"Connection", name}}).drops(name));
    BOOST_TEST(HopByHop({{"a", "b"}, {"connection", "close"}, {"CONNECTION", "x,, " + name + " ,y"}}).drops(name));
}

BOOST_AUTO_TEST_CASE(connection_names_whole_names)
{
    const HopByHop hop(std::vector<Field>{{"Connection", "Cook, Cookies, X-Cookie"}});
    BOOST_TEST(!hop.drops("Cookie"));
    BOOST_TEST(hop.drops("COOKIES"));
}

BOOST_AUTO_TEST_CASE(a_request_is_written_anew)
{
    const std::vector<Field> fields = {
        {"hOST", "evil"},
        {"User-Agent", "x"},
        {"Connection", "close, X-Secret, Host, Content-Length"},
        {"X-Secret", "s"},
        {"X-Empty", ""},
        {"Content-Length", "7"},
        {"Proxy-Authorization", "Basic eDp5"},
        {"ACCEPT", "*/*"},
        {"Expect", "200-ok"},
        {"TE", "gzip"},
        {"Via", "1.0 other"},
    };
    BOOST_TEST(request({"POST", "/a?b", "shop.example:81", Framing::length, 5}, fields) ==
               "POST /a?b HTTP/1.1\r\nHost: shop.example:81\r\nUser-Agent: x\r\nX-Empty: \r\nACCEPT: */*\r\n"
               "Via: 1.0 other\r\nContent-Length: 5\r\nVia: 1.1 paravent\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_request_says_what_it_needs_of_the_connection)
{
    Outgoing out{"GET", "/", "a"};
    BOOST_TEST(request(out) == "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 paravent\r\n\r\n");
    out.received = "2.0";
    BOOST_TEST(request(out) == "GET / HTTP/1.1\r\nHost: a\r\nVia: 2.0 paravent\r\n\r\n");
    out.received = "1.1";
    out.framing = Framing::chunked;
    out.expect_continue = true;
    out.extra = "X: y\r\n";
    BOOST_TEST(request(out) == "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nVia: 1.1 paravent\r\n"
                               "Expect: 100-continue\r\nX: y\r\n\r\n");
    out = {"GET", "/", "a"};
    out.upgrade = "websocket";
    BOOST_TEST(request(out) == "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 paravent\r\nConnection: upgrade\r\n"
                               "Upgrade: websocket\r\n\r\n");
    out.close = out.te_trailers = true;
    BOOST_TEST(request(out) == "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 paravent\r\nConnection: close, upgrade, TE\r\n"
                               "Upgrade: websocket\r\nTE: trailers\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_response_is_written_anew)
{
    Reply reply{404, Framing::length, 18446744073709551615U};
    reply.extra = "Paravent-Rule: meta/x\r\n";
    BOOST_TEST(response(reply, {{"Content-Length", "7"}, {"Proxy-Authenticate", "Basic"}, {"Server", "x"}}) ==
               "HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 18446744073709551615\r\n"
               "Paravent-Rule: meta/x\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_response_says_how_it_ends)
{
    Reply reply;
    reply.framing = Framing::chunked;
    BOOST_TEST(response(reply) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    reply.keep_alive = false;
    BOOST_TEST(response(reply) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    reply = {200, Framing::until_close};
    BOOST_TEST(response(reply) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    reply.client_minor = 0;
    BOOST_TEST(response(reply) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    reply = {200, Framing::length, 5};
    reply.client_minor = 0;
    BOOST_TEST(response(reply) == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_response_without_body_announces_none)
{
    BOOST_TEST(response({103}, {{"Link", "x"}}) == "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    BOOST_TEST(response({103, Framing::chunked}) == "HTTP/1.1 103 Early Hints\r\n\r\n");
    BOOST_TEST(response({204, Framing::length, 5}) == "HTTP/1.1 204 No Content\r\n\r\n");
    Reply head{200, Framing::none, 5};
    BOOST_TEST(response(head) == "HTTP/1.1 200 OK\r\n\r\n");
    head.length_only = true;
    BOOST_TEST(response(head) == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    head.status = 304;
    BOOST_TEST(response(head) == "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    head.status = 204;
    BOOST_TEST(response(head) == "HTTP/1.1 204 No Content\r\n\r\n");
    Reply upgrade{101};
    upgrade.upgrade = "websocket";
    BOOST_TEST(response(upgrade, {{"Upgrade", "x"}, {"Sec-WebSocket-Accept", "y"}}) ==
               "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: y\r\nConnection: upgrade\r\n"
               "Upgrade: websocket\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(chunks_are_written_in_hexadecimal)
{
    std::string to;
    write_chunk_head(to, 0x1a2b);
    write_last_chunk(to, "x: y\r\n");
    BOOST_TEST(to == "1a2b\r\n0\r\nx: y\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(each_status_has_the_standard_phrase)
{
    BOOST_TEST(reason_of(200) == "OK");
    BOOST_TEST(reason_of(502) == "Bad Gateway");
    BOOST_TEST(reason_of(599) == "Unknown");
}

BOOST_AUTO_TEST_CASE(each_error_has_a_sentence_and_a_status)
{
    for (const auto& [error, status] : {std::pair{Error::bad_request, 400U},
                                        {Error::target_too_long, 414U},
                                        {Error::head_too_large, 431U},
                                        {Error::too_many_fields, 431U},
                                        {Error::not_implemented, 501U},
                                        {Error::version_not_supported, 400U},
                                        {Error::bad_response, 502U},
                                        {Error::bad_chunk, 400U},
                                        {Error::bad_socks, 400U},
                                        {Error::http2_malformed, 400U},
                                        {Error::http2_flood, 400U},
                                        {Error::http2_full, 502U}}) {
        BOOST_TEST(status_of(error) == status);
        const boost::system::error_code code = error;
        BOOST_TEST(code.failed());
        BOOST_TEST(code.message().size() > 20);
        BOOST_TEST(code.category().name() == std::string("wire"));
    }
}
