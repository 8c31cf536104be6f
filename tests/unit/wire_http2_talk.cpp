#include "wire_http2_peer.hpp"

using namespace http2_peer;

namespace {

const std::vector<http1::Field> none;

/// Some of everything; what both ends were told.
std::string conversation(std::size_t step)
{
    Talk talk;
    talk.step = step;
    talk.client_told.consumer = &talk.client;
    talk.server_told.consumer = &talk.server;
    Request post{"POST", "https", "a.example:8443", "/a?b"};
    post.length = 5;
    post.te_trailers = true;
    BOOST_TEST(*talk.client.request(post, {{"User-Agent", "x"}, {"Cookie", "a=b"}}, true) == 1);
    BOOST_TEST(*talk.client.request({"GET", "https", "b.example", "/"}, none, false) == 3);
    talk.run();
    BOOST_TEST(talk.client.write(1, "hello") == 5U);
    talk.client.finish(1);
    talk.server.interim(1, 103, {{"Link", "</x>"}});
    talk.server.respond(3, 404, {{"Server", "x"}}, 0, "", false);
    talk.run();
    talk.server.respond(1, 200, {{"Content-Type", "text/plain"}}, std::nullopt, "Paravent-Rule: x\r\n", true);
    talk.server.write(1, "good ");
    talk.run();
    talk.server.write(1, "bye");
    talk.server.finish(1, "Server-Timing: a\r\nContent-Length: 9\r\n");
    talk.run();
    BOOST_TEST(talk.server_told.bodies[1] == "hello");
    BOOST_TEST(talk.client_told.bodies[1] == "good bye");
    BOOST_TEST(talk.client.streams() == 0U);
    BOOST_TEST(talk.server.streams() == 0U);
    return talk.server_told.log + "--\n" + talk.client_told.log;
}

const std::string expected = "1 head POST https a.example:8443 /a?b user-agent=x; cookie=a=b; content-length=5; "
                             "via=2.0 paravent; te=trailers; length 5\n"
                             "3 head GET https b.example / via=2.0 paravent; end\n"
                             "1 body\n1 end \n--\n"
                             "1 interim 103 link=</x>;\n"
                             "3 head 404 server=x; content-length=0; length 0 end\n"
                             "1 head 200 content-type=text/plain; paravent-rule=x;\n"
                             "1 body\n1 end server-timing: a\r\n\n";

/// Everything of `stream` that may be written now.
std::size_t fill(Session& session, StreamId stream)
{
    std::size_t written = 0;
    while (session.room(stream) != 0)
        written += session.write(stream, std::string(session.room(stream), 'x'));
    return written;
}

} // namespace

BOOST_AUTO_TEST_CASE(http2_ends_understand_each_other_however_the_bytes_are_cut)
{
    for (std::size_t step = 1; step < 200; ++step)
        BOOST_TEST(conversation(step) == expected, "step " << step);
    BOOST_TEST(conversation(1U << 20) == expected);
}

BOOST_AUTO_TEST_CASE(http2_client_starts_with_preface_and_settings_without_push)
{
    Recorder told;
    Session client(Role::client, told);
    const std::string bytes = drain(client);
    BOOST_TEST(bytes.starts_with(preface));
    const auto all = frames(bytes);
    BOOST_REQUIRE(all.size() == 2U);
    const std::string& payload = all[0].payload;
    BOOST_TEST(all[0].type == settings);
    const auto has = [&payload](unsigned id, std::uint32_t value) {
        return payload.find(number(id, 2) + number(value, 4)) % 6 == 0;
    };
    BOOST_TEST(has(2, 0));          // ENABLE_PUSH
    BOOST_TEST(has(4, 256 * 1024)); // INITIAL_WINDOW_SIZE
    BOOST_TEST(has(6, 64 * 1024));  // MAX_HEADER_LIST_SIZE
    BOOST_TEST(all[1].type == window_update);
    BOOST_TEST(value_of(all[1].payload) == 1024U * 1024 - 65535);
}

BOOST_AUTO_TEST_CASE(http2_server_starts_with_settings_without_connect_protocol)
{
    Recorder told;
    Session server(Role::server, told);
    const auto all = frames(drain(server));
    BOOST_REQUIRE(all.size() == 2U);
    const std::string& payload = all[0].payload;
    std::map<std::uint64_t, std::uint64_t> values;
    for (std::size_t at = 0; at < payload.size(); at += 6)
        values[value_of(payload.substr(at, 2))] = value_of(payload.substr(at + 2, 4));
    const std::map<std::uint64_t, std::uint64_t> wanted = {{3, 100}, {4, 64 * 1024}, {6, 64 * 1024}, {9, 1}};
    BOOST_TEST((values == wanted));
    BOOST_TEST(value_of(all[1].payload) == 1024U * 1024 - 65535);
}

BOOST_AUTO_TEST_CASE(http2_heads_are_written_anew)
{
    Talk talk;
    Request request{"GET", "https", "a.example", "/"};
    request.received = "1.1";
    request.extra = "X-Ours: 1\r\nbroken\r\n";
    const std::vector<http1::Field> fields = {
        {"hOST", "evil"},
        {"Connection", "close, X-Secret"},
        {"X-Secret", "s"},
        {"Keep-Alive", "1"},
        {"Proxy-Authorization", "x"},
        {"TE", "gzip"},
        {"Transfer-Encoding", "chunked"},
        {"Upgrade", "h2c"},
        {"HTTP2-Settings", "x"},
        {"Content-Length", "7"},
        {"Expect", "x"},
        {"bad name", "x"},
        {"x-cr", "a\rb"},
        {"x-lf", "a\nb"},
        {"x-nul", "a\0b"sv},
        {":path", "/evil"},
        {"", "x"},
        {"ACCEPT", "*/*"},
        {"X-Empty", ""},
        {"X-Blank", " b "},
    };
    BOOST_REQUIRE(talk.client.request(request, fields, false).has_value());
    talk.run();
    BOOST_TEST(talk.server_told.told() ==
               "1 head GET https a.example / accept=*/*; x-empty=; x-blank=b; via=1.1 paravent; x-ours=1; end\n");
    talk.server.respond(1, 200, fields, 3, "X-Ours: 1\r\n", true);
    talk.server.write(1, "abc");
    talk.server.finish(1);
    talk.run();
    BOOST_TEST(talk.client_told.told() ==
               "1 head 200 accept=*/*; x-empty=; x-blank=b; content-length=3; x-ours=1; length 3\n1 body\n1 end \n");
}

BOOST_AUTO_TEST_CASE(http2_requests_that_cannot_be_written_are_refused)
{
    Recorder told;
    Session client(Role::client, told);
    for (const Request& request :
         {Request{"CONNECT", "https", "a", "/"}, Request{"G T", "https", "a", "/"}, Request{"", "https", "a", "/"},
          Request{"GET", "ftp", "a", "/"}, Request{"GET", "https", "", "/"}, Request{"GET", "https", "u@a", "/"},
          Request{"GET", "https", "a\r\n", "/"}, Request{"GET", "https", "a", ""}, Request{"GET", "https", "a", "x"},
          Request{"GET", "https", "a", "/a b"}, Request{"GET", "https", "a", "/\r\nx"},
          Request{"GET", "https", "a", "*"}})
        BOOST_TEST(client.request(request, none, false).error() == make_error_code(Error::bad_request));
    BOOST_TEST(client.request({"OPTIONS", "https", "a", "*"}, none, false).has_value());
}

BOOST_AUTO_TEST_CASE(http2_cookies_are_joined_where_the_first_one_stood)
{
    Served served;
    const auto request = get({{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"cookie", "c=3"}});
    BOOST_TEST(!served.session.feed(head(1, request)));
    BOOST_TEST(served.told.told() == "1 head GET https a.example / cookie=a=1; b=2; c=3; x=y; end\n");
}

BOOST_AUTO_TEST_CASE(http2_heads_stay_valid_when_they_are_moved)
{
    Served served;
    BOOST_TEST(!served.session.feed(head(1, get({{"x", "y"}}))));
    Message moved = std::move(served.told.heads.at(1));
    served.told.heads.clear();
    const Message again = std::move(moved);
    BOOST_TEST(again.method == "GET");
    BOOST_TEST(again.authority == "a.example");
    BOOST_TEST(again.fields.at(0).name == "x");
    BOOST_TEST(again.fields.at(0).value == "y");
}

BOOST_AUTO_TEST_CASE(http2_requests_say_what_they_expect)
{
    Served served;
    BOOST_TEST(!served.session.feed(head(1, post({{"expect", "100-continue"}, {"te", "trailers"}}), end_headers)));
    BOOST_TEST(served.told.heads.at(1).expect_continue);
    BOOST_TEST(served.told.heads.at(1).te_trailers);
    BOOST_TEST(!served.session.feed(head(3, get({{"expect", "100-continue"}}))));
    BOOST_TEST(!served.told.heads.at(3).expect_continue);
    BOOST_TEST(!served.told.heads.at(3).te_trailers);
}

BOOST_AUTO_TEST_CASE(http2_a_host_field_names_the_authority_where_there_is_none)
{
    Served served;
    BOOST_TEST(!served.session.feed(
        head(1, {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "a.example:8443"}})));
    BOOST_TEST(!served.session.feed(head(3, get({{"host", "A.example:443"}}))));
    BOOST_TEST(served.told.told() == "1 head GET https a.example:8443 / end\n3 head GET https a.example / end\n");
}

BOOST_AUTO_TEST_CASE(http2_bodies_flow_as_they_are_consumed_and_no_faster)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"POST", "https", "a.example", "/"}, none, true).has_value());
    talk.run();
    BOOST_TEST(talk.client.room(1) == 64U * 1024);
    std::size_t written = 0;
    for (int i = 0; i < 5; ++i) {
        written += fill(talk.client, 1);
        talk.run();
    }
    // The window of the peer, and the queue.
    BOOST_TEST(talk.server_told.bodies[1].size() == 64U * 1024);
    BOOST_TEST(written == 128U * 1024);
    BOOST_TEST(talk.client.room(1) == 0U);
    BOOST_TEST(talk.client.write(1, "x") == 0U);

    talk.client_told.told();
    talk.server.consumed(1, 64 * 1024);
    talk.run();
    BOOST_TEST(talk.server_told.bodies[1].size() == 128U * 1024);
    BOOST_TEST(talk.client_told.told() == "1 room\n");
    BOOST_TEST(talk.client.room(1) == 64U * 1024);
}

BOOST_AUTO_TEST_CASE(http2_a_long_body_passes_through_small_windows)
{
    for (const std::uint32_t window : {1000U, 16384U, 65535U, 100000U}) {
        Bounds small;
        small.stream_window = window;
        small.stream_queue = 3000;
        Talk talk({}, small);
        talk.server_told.consumer = &talk.server;
        BOOST_REQUIRE(talk.client.request({"POST", "https", "a.example", "/"}, none, true).has_value());
        std::string body;
        for (int i = 0; i < 100'000; ++i)
            body += std::to_string(i);
        for (std::size_t at = 0; at < body.size();) {
            const std::size_t n = talk.client.write(1, std::string_view(body).substr(at));
            BOOST_REQUIRE(n != 0);
            at += n;
            talk.run();
        }
        talk.client.finish(1);
        talk.run();
        BOOST_TEST((talk.server_told.bodies[1] == body));
    }
}

BOOST_AUTO_TEST_CASE(http2_a_body_is_the_same_though_its_queue_is_never_empty)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"POST", "https", "a.example", "/"}, none, true).has_value());
    std::string body;
    for (int i = 0; i < 100'000; ++i)
        body += std::to_string(i);
    std::size_t written = 0;
    std::size_t consumed = 0;
    for (int turn = 0; turn < 1000 && talk.server_told.bodies[1].size() < body.size(); ++turn) {
        written += talk.client.write(1, std::string_view(body).substr(written));
        talk.run();
        const std::size_t n = std::min<std::size_t>(40'000, talk.server_told.bodies[1].size() - consumed);
        talk.server.consumed(1, n);
        consumed += n;
    }
    BOOST_TEST((talk.server_told.bodies[1] == body));
}

BOOST_AUTO_TEST_CASE(http2_no_more_window_is_given_back_than_was_taken)
{
    Served served;
    BOOST_REQUIRE(!served.session.feed(head(1, post(), end_headers) + frame(data, 0, 1, std::string(1000, 'x'))));
    served.session.consumed(1, 1 << 30);
    BOOST_TEST(sent(served.session, window_update).empty()); // not yet worth a frame
    BOOST_TEST(!served.session.feed(frame(data, end_stream, 1, "x")));
    BOOST_TEST(served.told.told().ends_with("1 body\n1 end \n"));
}

BOOST_AUTO_TEST_CASE(http2_a_stream_is_answered_once)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    talk.run();
    talk.server.respond(1, 204, none, 5, "", false);
    talk.server.respond(1, 200, none, 0, "", false);
    talk.server.interim(1, 103, none);
    talk.server.respond(5, 200, none, 0, "", false);
    talk.run();
    BOOST_TEST(talk.client_told.told() == "1 head 204 end\n"); // and no length, as 204 has no body
    BOOST_TEST(talk.client.streams() == 0U);

    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    talk.run();
    talk.server.respond(3, 200, none, std::nullopt, "", true);
    talk.server.respond(3, 404, none, 0, "", false);
    BOOST_TEST(talk.server.write(3, "abc") == 3U);
    talk.server.finish(3);
    talk.run();
    BOOST_TEST(talk.client_told.told() == "3 head 200\n3 body\n3 end \n");
}

BOOST_AUTO_TEST_CASE(http2_a_client_that_shut_down_asks_no_more)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    talk.run();
    talk.client.shut_down();
    BOOST_TEST(!talk.client.takes_requests());
    talk.run();
    BOOST_TEST(!talk.client.over());
    talk.server.respond(1, 200, none, 0, "", false);
    talk.run();
    BOOST_TEST(talk.client_told.told() == "1 head 200 content-length=0; length 0 end\n");
    BOOST_TEST(talk.client.over());
    BOOST_TEST(talk.server.over());
}

BOOST_AUTO_TEST_CASE(http2_bytes_of_streams_that_are_gone_are_given_back_to_the_connection)
{
    // Four bodies, whole or reset, fill its window each time; nothing may be lost of it.
    for (const int kind : {0, 1, 2, 3}) {
        Talk talk;
        for (StreamId id = 1; id < 200; id += 2) {
            BOOST_REQUIRE(*talk.client.request({"GET", "https", "a.example", "/"}, none, false) == id);
            talk.run();
            talk.server.respond(id, 200, none, std::nullopt, "", true);
            for (int i = 0; i < 3; ++i) {
                fill(talk.server, id);
                talk.run();
            }
            const std::size_t came = talk.client_told.bodies[id].size();
            BOOST_REQUIRE(came == 192U * 1024);
            if (kind == 0) {
                talk.server.finish(id);
                talk.run();
                talk.client.consumed(id, came);
            } else if (kind == 1) {
                talk.client.reset(id, cancel);
            } else if (kind == 2) {
                talk.server.reset(id, cancel);
            } else {
                talk.client.consumed(id, came / 2);
                talk.server.reset(id, cancel);
                talk.run();
                talk.client.consumed(id, came / 2); // too late; must not count twice
            }
            talk.run();
            BOOST_REQUIRE(talk.client.streams() == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(http2_streams_take_turns_whatever_they_say_of_their_priority)
{
    Served served;
    const auto request = [](std::uint32_t id, const std::string& priority) {
        return head(id, get({{"priority", priority}}));
    };
    BOOST_TEST(!served.session.feed(request(1, "u=7") + request(3, "u=0") + request(5, "u=0, i")));
    BOOST_TEST(!served.session.feed(frame(window_update, 0, 0, number(1 << 24, 4)) +
                                    frame(priority, 0, 1, number(3, 4) + "\0"s)));
    for (const StreamId id : {1, 3, 5}) {
        served.session.respond(id, 200, none, std::nullopt, "", true);
        fill(served.session, id);
    }
    std::string order;
    for (const Frame& f : sent(served.session, data))
        order += std::to_string(f.stream);
    BOOST_TEST(order.substr(0, 6) == "135135");
}

BOOST_AUTO_TEST_CASE(http2_a_response_before_the_requests_end_resets_the_rest)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"POST", "https", "a.example", "/"}, none, true).has_value());
    talk.client.write(1, "abc");
    talk.run();
    talk.server.respond(1, 413, none, 0, "", false);
    talk.run();
    BOOST_TEST(talk.server_told.told().ends_with("1 reset 0\n"));
    BOOST_TEST(talk.client_told.told() == "1 head 413 content-length=0; length 0 end\n1 reset 0\n");
    BOOST_TEST(talk.client.streams() == 0U);
    BOOST_TEST(talk.server.streams() == 0U);
}

BOOST_AUTO_TEST_CASE(http2_after_a_shut_down_open_streams_go_on_and_no_more_come)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    talk.run();
    talk.server.shut_down();
    talk.run();
    BOOST_TEST(!talk.client.takes_requests());
    BOOST_TEST(talk.client.request({"GET", "https", "a.example", "/"}, none, false).error() ==
               make_error_code(Error::http2_full));
    BOOST_TEST(!talk.server.over());
    BOOST_TEST(!talk.client.over());
    talk.server.respond(1, 200, none, 0, "", false);
    talk.run();
    BOOST_TEST(talk.client_told.told() == "1 head 200 content-length=0; length 0 end\n");
    BOOST_TEST(talk.server.over());
    BOOST_TEST(talk.client.over());
}

BOOST_AUTO_TEST_CASE(http2_requests_that_crossed_a_goodbye_are_refused_streams)
{
    Talk talk;
    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    talk.run();
    talk.server.shut_down();
    const std::string goodbye = drain(talk.server);
    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/sent"}, none, false).has_value());
    drain(talk.client);
    BOOST_REQUIRE(talk.client.request({"GET", "https", "a.example", "/unsent"}, none, false).has_value());
    BOOST_TEST(!talk.client.feed(goodbye));
    talk.run();
    BOOST_TEST(talk.client.streams() == 1U);
    BOOST_TEST(talk.client_told.told() == "3 reset 7\n5 reset 7\n");
}

BOOST_AUTO_TEST_CASE(http2_a_client_keeps_to_the_peers_number_of_streams)
{
    Recorder told;
    Session client(Role::client, told);
    BOOST_TEST(!client.feed(frame(settings, 0, 0, number(3, 2) + number(2, 4))));
    BOOST_TEST(client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    BOOST_TEST(client.takes_requests());
    BOOST_TEST(client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    BOOST_TEST(!client.takes_requests());
    drain(client);
    client.reset(1, cancel);
    BOOST_TEST(client.takes_requests());
}

BOOST_AUTO_TEST_CASE(http2_a_request_reset_before_it_was_sent_is_gone)
{
    Recorder told;
    Session client(Role::client, told);
    const StreamId id = *client.request({"GET", "https", "a.example", "/"}, none, true);
    BOOST_TEST(client.write(id, "abc") == 3U);
    client.reset(id, cancel);
    BOOST_TEST(client.streams() == 0U);
    BOOST_TEST(client.room(id) == 0U);
    for (const Frame& f : frames(drain(client)))
        BOOST_TEST((f.type != headers && f.type != data));
    BOOST_TEST(!client.feed(server_start));
    BOOST_TEST(told.told().empty());
}

BOOST_AUTO_TEST_CASE(http2_output_stays_valid_while_bytes_are_fed)
{
    Served served;
    BOOST_TEST(!served.session.feed(frame(ping, 0, 0, "12345678")));
    const std::string_view bytes = served.session.output();
    const std::string before{bytes};
    BOOST_TEST(!served.session.feed(frame(ping, 0, 0, "abcdefgh") + head(1, get())));
    served.session.respond(1, 200, none, 0, "", false);
    BOOST_TEST(bytes == before);
    BOOST_TEST(frames(drain(served.session)).size() == 2U);
}

BOOST_AUTO_TEST_CASE(http2_what_a_listener_throws_comes_out_of_feed)
{
    class Thrower : public Recorder {
        void on_head(StreamId, Message, bool) override { throw std::runtime_error("x"); }
    } told;
    Session server(Role::server, told);
    BOOST_CHECK_THROW((void)server.feed(client_start + head(1, get())), std::runtime_error);
    BOOST_TEST(server.feed("").failed());
    drain(server);
    BOOST_TEST(server.over());
}
