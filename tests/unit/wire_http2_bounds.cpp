#include "wire_http2_peer.hpp"

#include <functional>
#include <tuple>

using namespace http2_peer;

/// Table H6: what a hostile peer may cost.
namespace {

const std::vector<http1::Field> none;

/// Feeds `bytes()` until the session has enough of it; how often that was. What it has to say is read all the time,
/// or never.
template <class Make>
int until_over(Session& session, Make bytes, bool read = true, int most = 30'000)
{
    for (int n = 1; n <= most; ++n) {
        if (session.feed(bytes(n)) == make_error_code(Error::http2_flood)) {
            const auto goodbyes = sent(session, goaway);
            BOOST_REQUIRE(goodbyes.size() == 1U);
            BOOST_TEST(goodbyes[0].code() == enhance_your_calm);
            BOOST_TEST(session.over());
            return n;
        }
        if (read)
            while (!session.output().empty())
                ;
    }
    return 0;
}

std::uint32_t odd(int n)
{
    return static_cast<std::uint32_t>(2 * n - 1);
}

std::string cancel_of(std::uint32_t stream)
{
    return frame(rst_stream, 0, stream, number(cancel, 4));
}

void answer(Session& session, std::uint32_t stream)
{
    session.respond(static_cast<StreamId>(stream), 200, none, 0, "", false);
}

/// Fields that take `bytes` as SETTINGS_MAX_HEADER_LIST_SIZE counts.
Pairs fields_of(std::size_t bytes, std::size_t count)
{
    Pairs out;
    for (std::size_t i = 0; i < count; ++i)
        out.emplace_back("x", std::string(bytes / count - 33, 'y'));
    return out;
}

/// A head of any size, in as many frames as it takes.
std::string long_head(std::uint32_t stream, const std::string& of)
{
    std::string out;
    for (std::size_t at = 0; at == 0 || at < of.size(); at += 16384)
        out += frame(at == 0 ? headers : continuation,
                     (at == 0 ? end_stream : 0) | (at + 16384 >= of.size() ? end_headers : 0), stream,
                     of.substr(at, 16384));
    return out;
}

std::string status_of_answer(Session& session)
{
    Recorder told;
    Session client(Role::client, told);
    BOOST_REQUIRE(client.request({"GET", "https", "a.example", "/"}, none, false).has_value());
    drain(client);
    BOOST_TEST(!client.feed(frame(settings, 0, 0, "") + drain(session)));
    return told.told();
}

} // namespace

BOOST_AUTO_TEST_CASE(http2_rapid_reset_ends_the_connection)
{
    for (const bool read : {true, false}) {
        Served served;
        const auto open_and_cancel = [](int n) { return head(odd(n), get()) + cancel_of(odd(n)); };
        const int n = until_over(served.session, open_and_cancel, read);
        BOOST_TEST((n > 256 && n < 260), n);
        BOOST_TEST(served.session.streams() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(http2_a_browser_that_cancels_every_other_request_is_served)
{
    Served served;
    for (int n = 1; n < 4000; n += 2) {
        BOOST_REQUIRE(!served.session.feed(head(odd(n), get()) + cancel_of(odd(n)) + head(odd(n + 1), get())));
        answer(served.session, odd(n + 1));
        drain(served.session);
    }
}

BOOST_AUTO_TEST_CASE(http2_faults_that_make_us_reset_count_as_resets)
{
    const auto malformed = [](int n) { return head(odd(n), get({{"X", "y"}})); };
    const auto ours_to_judge = [](int n) { return head(odd(n), get({{"host", "b"}})); };
    const auto too_long = [](int n) {
        return head(odd(n), post({{"content-length", "1"}}), end_headers) + frame(data, 0, odd(n), "xy");
    };
    const auto overflow = [](int n) {
        return head(odd(n), post(), end_headers) + frame(window_update, 0, odd(n), number(0x7fffffff, 4));
    };
    const std::vector<std::function<std::string(int)>> faults = {malformed, ours_to_judge, too_long, overflow};
    for (const auto& fault : faults) {
        Served served;
        const int n = until_over(served.session, fault, true, 1000);
        BOOST_TEST((n > 50 && n < 300), n);
    }
}

BOOST_AUTO_TEST_CASE(http2_streams_that_we_reset_cost_the_peer_nothing)
{
    Served served;
    for (int n = 1; n < 1000; ++n) {
        BOOST_REQUIRE(!served.session.feed(head(odd(n), get())));
        served.session.reset(static_cast<StreamId>(odd(n)), cancel);
        drain(served.session);
    }
}

BOOST_AUTO_TEST_CASE(http2_resets_by_an_origin_cost_only_its_own_requests)
{
    Asked asked(0);
    for (int n = 1; n < 1000; ++n) {
        BOOST_REQUIRE(asked.session.request({"GET", "https", "a.example", "/"}, none, false).has_value());
        drain(asked.session);
        BOOST_REQUIRE(!asked.session.feed(cancel_of(odd(n))));
    }
    BOOST_TEST(asked.told.told().ends_with("1997 reset 8\n"));
}

BOOST_AUTO_TEST_CASE(http2_more_streams_than_announced_are_refused)
{
    Served served;
    std::string bytes;
    for (int n = 1; n <= 101; ++n)
        bytes += head(odd(n), get());
    BOOST_REQUIRE(!served.session.feed(bytes));
    BOOST_TEST(served.session.streams() == 100U);
    const auto resets = sent(served.session, rst_stream);
    BOOST_REQUIRE(resets.size() == 1U);
    BOOST_TEST(resets[0].stream == 201U);
    BOOST_TEST(resets[0].code() == refused_stream);
    const auto one_more = [](int n) { return head(odd(101 + n), get()); };
    const int n = until_over(served.session, one_more, false, 1000);
    BOOST_TEST((n > 200 && n < 300), n);
}

BOOST_AUTO_TEST_CASE(http2_heads_that_do_not_end_are_ended)
{
    for (const std::string& more : {""s, "\0\x01x\x01y"s, std::string(16384, '\x88')}) {
        Served served;
        boost::system::error_code error = served.session.feed(frame(headers, 0, 1, block(get())));
        int n = 0;
        while (!error && ++n < 10'000)
            error = served.session.feed(frame(continuation, 0, 1, more));
        BOOST_TEST(error.failed());
        BOOST_TEST(n <= 10);
        BOOST_TEST(sent(served.session, goaway).size() == 1U);
        BOOST_TEST(served.session.over());
        BOOST_TEST(served.told.told().empty());
    }
}

BOOST_AUTO_TEST_CASE(http2_frames_that_move_nothing_end_the_connection)
{
    const std::vector<std::string> idle = {
        frame(ping, 0, 0, "12345678"),
        frame(ping, ack, 0, "12345678"),
        frame(settings, 0, 0, ""),
        frame(priority, 0, 1, number(0, 4) + "x"),
        frame(window_update, 0, 0, number(1, 4)),
        frame(window_update, 0, 1, number(1, 4)),
        frame(data, 0, 1, ""),
        frame(data, padded, 1, "\x03\0\0\0"s),
    };
    Bounds bounds;
    bounds.idle_frames = 1000; // as with 10,000, sooner
    for (const std::string& bytes : idle) {
        Served served(bounds);
        BOOST_REQUIRE(!served.session.feed(head(1, post(), end_headers)));
        const int n = until_over(served.session, [&](int) { return bytes; }, true, 2000);
        BOOST_TEST((n > 950 && n < 1050), n);
    }
    Asked asked(1, "GET", false, bounds);
    const int n = until_over(asked.session, [](int) { return frame(ping, 0, 0, "12345678"); }, true, 2000);
    BOOST_TEST((n > 950 && n < 1050), n);
}

BOOST_AUTO_TEST_CASE(http2_acknowledgements_that_nobody_reads_are_bounded)
{
    for (const std::string& bytes : {frame(ping, 0, 0, "12345678"), frame(settings, 0, 0, "")}) {
        Served served;
        // What goes to output at once counts no more: 16 KiB of them.
        const int n = until_over(served.session, [&](int) { return bytes; }, false, 5000);
        BOOST_TEST((n > 100 && n < 2500), n);
    }
}

BOOST_AUTO_TEST_CASE(http2_frames_between_work_are_no_flood)
{
    Served served;
    served.told.consumer = &served.session;
    for (int n = 1; n < 1000; ++n) {
        std::string bytes = head(odd(n), post(), end_headers);
        for (int i = 0; i < 20; ++i)
            bytes += frame(ping, 0, 0, "12345678") + frame(data, 0, odd(n), "x");
        BOOST_REQUIRE(!served.session.feed(bytes + frame(data, end_stream, odd(n), "")));
        answer(served.session, odd(n));
        drain(served.session);
    }
}

BOOST_AUTO_TEST_CASE(http2_windows_opened_byte_by_byte_end_the_connection)
{
    const std::string closed = frame(settings, 0, 0, number(4, 2) + number(0, 4)) + head(1, get());
    Served served;
    BOOST_REQUIRE(!served.session.feed(closed));
    served.session.respond(1, 200, none, std::nullopt, "", true);
    const auto dribble = [&](int) {
        served.session.write(1, "xxxxxxxx");
        return frame(window_update, 0, 1, number(1, 4));
    };
    BOOST_TEST(until_over(served.session, dribble) > 9900);

    Served patient;
    BOOST_REQUIRE(!patient.session.feed(closed));
    patient.session.respond(1, 200, none, std::nullopt, "", true);
    for (int n = 0; n < 30'000; ++n) {
        patient.session.write(1, std::string(50, 'x'));
        BOOST_REQUIRE(!patient.session.feed(frame(window_update, 0, 1, number(50, 4)) +
                                            frame(window_update, 0, 0, number(50, 4))));
        while (!patient.session.output().empty())
            ;
    }
}

BOOST_AUTO_TEST_CASE(http2_heads_at_the_bound_are_taken_and_larger_ones_answered)
{
    const std::size_t own = 32 * 4 + 47; // the pseudo-fields of get(), with theirs
    for (const auto& [bytes, count, taken] : {std::tuple{65536U - own, 2U, true},
                                              {65536U - own + 2, 2U, false},
                                              {20'000U, 200U, true},
                                              {20'100U, 201U, false}}) {
        Served served;
        BOOST_REQUIRE(!served.session.feed(long_head(1, block(get(fields_of(bytes, count))))));
        BOOST_TEST(served.told.told().starts_with("1 head") == taken);
        BOOST_TEST((status_of_answer(served.session) == "1 head 431 content-length=0; length 0 end\n") == !taken);
        BOOST_TEST(served.session.streams() == (taken ? 1U : 0U));
    }
}

BOOST_AUTO_TEST_CASE(http2_a_head_that_was_too_large_leaves_its_body_unheard)
{
    Served served;
    BOOST_REQUIRE(!served.session.feed(frame(headers, end_headers, 1, block(post(fields_of(16'100, 201)))) +
                                       frame(data, 0, 1, "body")));
    BOOST_TEST(status_of_answer(served.session) == "1 head 431 content-length=0; length 0 end\n");
    BOOST_TEST(served.told.told().empty());
    BOOST_TEST(served.session.streams() == 0U);
}

BOOST_AUTO_TEST_CASE(http2_bodies_that_nobody_hears_leave_the_connections_window_as_it_was)
{
    const std::string large = block(post(fields_of(16'100, 201)));
    const std::string piece(16'000, 'x');
    Served served;
    for (int n = 1; n < 100; ++n) {
        std::string bytes = frame(headers, end_headers, odd(n), large);
        for (int i = 0; i < 4; ++i)
            bytes += frame(data, 0, odd(n), piece);
        BOOST_REQUIRE(!served.session.feed(bytes));
        drain(served.session);
    }
}

BOOST_AUTO_TEST_CASE(http2_many_cookies_are_one_field)
{
    Pairs crumbs;
    for (int i = 0; i < 500; ++i)
        crumbs.emplace_back("cookie", "a=" + std::to_string(i));
    Served served;
    BOOST_REQUIRE(!served.session.feed(long_head(1, block(get(crumbs)))));
    BOOST_REQUIRE(served.told.told().starts_with("1 head"));
    BOOST_TEST(served.told.heads.at(1).fields.size() == 1U);
}

BOOST_AUTO_TEST_CASE(http2_a_few_bytes_do_not_become_a_head_of_megabytes)
{
    // A field of 4000 bytes in the table, then its index again and again: 64 MB of 16 KiB.
    const std::string entry = '\x40' + text("x") + text(std::string(3900, 'y'));
    for (const auto& [times, answered] : {std::pair{30U, true}, {100U, false}, {12'000U, false}}) {
        Served served;
        BOOST_REQUIRE(!served.session.feed(long_head(1, block(get()) + entry + std::string(times, '\xbe'))));
        if (answered) {
            BOOST_TEST(status_of_answer(served.session) == "1 head 431 content-length=0; length 0 end\n");
        } else {
            const auto resets = sent(served.session, rst_stream);
            BOOST_REQUIRE(resets.size() == 1U);
            BOOST_TEST(resets[0].code() == enhance_your_calm);
        }
        BOOST_TEST(served.told.told().empty());
        BOOST_TEST(served.session.streams() == 0U);
        // The table is as it was.
        BOOST_TEST(!served.session.feed(frame(headers, end_headers | end_stream, 3, block(get()) + "\xbe")));
        BOOST_TEST(served.told.told() == "3 head GET https a.example / x=" + std::string(3900, 'y') + "; end\n");
    }
}

BOOST_AUTO_TEST_CASE(http2_an_origins_head_over_the_bound_is_reset)
{
    const std::string ok = block({{":status", "200"}});
    const std::string entry = '\x40' + text("x") + text(std::string(3900, 'y'));
    for (const std::string& large : {ok + block(fields_of(70'000, 10)), ok + entry + std::string(100, '\xbe')}) {
        Asked asked;
        BOOST_REQUIRE(!asked.session.feed(long_head(1, large)));
        drain(asked.session);
        BOOST_TEST(asked.told.told().starts_with("1 reset "));
        BOOST_TEST(asked.session.streams() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(http2_interim_heads_are_bounded)
{
    Asked asked;
    std::string bytes;
    for (int n = 0; n < 17; ++n)
        bytes += head(1, {{":status", "103"}}, end_headers);
    BOOST_TEST(!asked.session.feed(bytes));
    std::string expected;
    for (int n = 0; n < 16; ++n)
        expected += "1 interim 103\n";
    BOOST_TEST(asked.told.told() == expected + "1 reset 1\n");
}

BOOST_AUTO_TEST_CASE(http2_a_peer_that_never_opens_its_window_holds_bounded_memory)
{
    Served served;
    std::string bytes = frame(settings, 0, 0, number(4, 2) + number(0, 4));
    for (int n = 1; n <= 100; ++n)
        bytes += head(odd(n), get());
    BOOST_REQUIRE(!served.session.feed(bytes));
    std::size_t queued = 0;
    for (int n = 1; n <= 100; ++n) {
        const auto id = static_cast<StreamId>(odd(n));
        served.session.respond(id, 200, none, std::nullopt, "", true);
        std::size_t own = 0;
        while (served.session.room(id) != 0)
            own += served.session.write(id, std::string(10'000, 'x'));
        BOOST_TEST((own >= 4096U && own <= 64U * 1024)); // each has some
        queued += own;
        BOOST_TEST(served.session.write(id, "x") == 0U);
    }
    BOOST_TEST(queued <= 1024U * 1024 + 100U * 4096);
    BOOST_TEST(sent(served.session, data).empty());
    // The last one is read: it goes on though the others wait.
    served.told.told();
    BOOST_REQUIRE(!served.session.feed(frame(window_update, 0, 199, number(50'000, 4))));
    BOOST_TEST(!sent(served.session, data).empty());
    BOOST_TEST(served.told.told() == "199 room\n");
    BOOST_TEST(served.session.room(199) >= 4096U);
    // And when the others are gone there is all the room again.
    for (int n = 1; n < 100; ++n)
        served.session.reset(static_cast<StreamId>(odd(n)), cancel);
    BOOST_TEST(served.session.room(199) == 64U * 1024);
}

BOOST_AUTO_TEST_CASE(http2_more_than_our_windows_allow_is_an_error)
{
    Served one_stream;
    std::string bytes = head(1, post(), end_headers);
    for (int n = 0; n < 5; ++n)
        bytes += frame(data, 0, 1, std::string(16384, 'x'));
    // Our SETTINGS are not acknowledged, so that its window may be the usual one still.
    BOOST_REQUIRE(!one_stream.session.feed(frame(settings, ack, 0, "") + bytes));
    drain(one_stream.session);
    BOOST_TEST(one_stream.told.told().ends_with("1 reset 3\n"));
    BOOST_TEST(one_stream.told.bodies[1].size() == 65536U);

    Served all_streams;
    bytes = frame(settings, ack, 0, "");
    for (int n = 1; n <= 17; ++n) {
        bytes += head(odd(n), post(), end_headers);
        for (int i = 0; i < 4; ++i)
            bytes += frame(data, 0, odd(n), std::string(16384, 'x'));
    }
    BOOST_TEST(all_streams.session.feed(bytes) == make_error_code(Error::http2_malformed));
    const auto goodbyes = sent(all_streams.session, goaway);
    BOOST_REQUIRE(goodbyes.size() == 1U);
    BOOST_TEST(goodbyes[0].code() == flow_control_error);
}

BOOST_AUTO_TEST_CASE(http2_stream_ids_end_at_2_to_the_31)
{
    Served served;
    BOOST_TEST(!served.session.feed(head(0x7fffffff, get())));
    BOOST_TEST(served.told.told().starts_with("2147483647 head"));
    BOOST_TEST(!served.session.feed(head(0x80000001U, get()))); // is 1: the highest bit does not count
    BOOST_TEST(served.told.told().empty());

    Bounds last;
    last.first_stream = 0x7fffffff;
    Asked asked(1, "GET", false, last);
    BOOST_TEST(!asked.session.takes_requests());
    BOOST_TEST(asked.session.request({"GET", "https", "a.example", "/"}, none, false).error() ==
               make_error_code(Error::http2_full));
    BOOST_TEST(!asked.session.feed(head(0x7fffffff, {{":status", "200"}})));
    BOOST_TEST(asked.told.told() == "2147483647 head 200 end\n");
}
