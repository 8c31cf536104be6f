#include "tests/unit/tls_play.hpp"

#include "proxy/tls/client_side.hpp"
#include "proxy/tls/origin_side.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::tls;
using namespace std::string_literals;

namespace {

/// Our two sides against each other: the origin is one that our own authority vouches for.
struct Pair {
    std::shared_ptr<const Authority> authority = an_authority(now_s());
    StateFolder folder;
    ClientSide clients;
    std::unique_ptr<OriginSide> origins;
    Wire wire;
    std::unique_ptr<Session> client, server;

    Pair()
    {
        const auto file = folder.path() / "root.pem";
        std::ofstream(file) << pem_of(authority->root());
        origins = std::make_unique<OriginSide>(file);
        server = clients.session(*authority, "d1", "www.facebook.com", "h2", wire.server, now_s()).value();
        client = origins->session("d1", "www.facebook.com", "\x02h2", wire.client, now_s()).value();
    }
    void connect()
    {
        BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::done, Outcome::done)));
        BOOST_TEST(client->protocol() == "h2");
    }
};

std::string some_bytes(std::size_t size)
{
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 2654435761u >> 13);
    return bytes;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(handshake_and_bytes_survive_any_segmentation)
{
    for (const std::size_t grain : {1u, 2u, 7u, 1000u})
        for (const std::size_t room : {1u, 100u, 100'000u}) {
            Pair pair;
            pair.wire.line.grain = grain;
            pair.wire.line.room = room;
            pair.connect();
            const auto sent = some_bytes(20'000);
            std::string got;
            std::size_t at = 0;
            for (int turn = 0; got.size() < sent.size() && turn < 1'000'000; ++turn) {
                if (at < sent.size())
                    at += pair.client->write(std::string_view(sent).substr(at)).bytes;
                got += read_all(*pair.server);
            }
            BOOST_TEST((got == sent));
        }
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_holds_up_the_writer)
{
    Pair pair;
    pair.connect();
    pair.wire.line.room = 50'000;
    const auto sent = some_bytes(1'000'000);
    std::size_t at = 0;
    Session::Moved moved;
    while ((moved = pair.server->write(std::string_view(sent).substr(at))).outcome == Outcome::done)
        at += moved.bytes;
    BOOST_TEST(moved.outcome == Outcome::wants_write);
    BOOST_TEST(at < 60'000U);
    std::string got = read_all(*pair.client);
    while (at < sent.size()) {
        at += pair.server->write(std::string_view(sent).substr(at)).bytes;
        got += read_all(*pair.client);
    }
    BOOST_TEST((got == sent));
}

BOOST_AUTO_TEST_CASE(bytes_that_were_read_before_come_first)
{
    Pair pair;
    BOOST_TEST(pair.client->handshake() == Outcome::wants_read);
    const auto hello = std::exchange(pair.wire.line.to_server, {});
    pair.server->replay(hello.substr(0, 100));
    BOOST_TEST(pair.server->holds_bytes());
    pair.wire.line.to_server = hello.substr(100);
    pair.connect();
    BOOST_TEST(!pair.server->holds_bytes());
}

BOOST_AUTO_TEST_CASE(a_proper_end_and_a_cut_are_told_apart)
{
    for (const bool says_goodbye : {false, true}) {
        Pair pair;
        pair.connect();
        pair.server->write("half of it");
        if (says_goodbye)
            BOOST_TEST(pair.server->close() == Outcome::done);
        pair.wire.line.server_gone = true;
        Outcome last{};
        BOOST_TEST(read_all(*pair.client, last) == "half of it");
        BOOST_TEST(last == (says_goodbye ? Outcome::ended : Outcome::cut));
    }
}

BOOST_AUTO_TEST_CASE(after_our_end_the_peer_may_still_speak)
{
    Pair pair;
    pair.connect();
    BOOST_TEST(pair.client->close() == Outcome::done);
    Outcome last{};
    BOOST_TEST(read_all(*pair.server, last) == "");
    BOOST_TEST(last == Outcome::ended);
    BOOST_TEST(pair.server->write("answer").outcome == Outcome::done);
    BOOST_TEST(read_all(*pair.client) == "answer");
}

BOOST_AUTO_TEST_CASE(changed_bytes_are_a_failure_and_not_an_end)
{
    Pair pair;
    pair.connect();
    pair.server->write("something");
    pair.wire.line.to_client.back() ^= 1;
    Outcome last{};
    BOOST_TEST(read_all(*pair.client, last) == "");
    BOOST_TEST(last == Outcome::failed);
    BOOST_TEST(pair.client->failure() != "");
    BOOST_TEST(pair.client->close() == Outcome::done);
}

BOOST_AUTO_TEST_CASE(a_line_that_holds_tickets_alone_has_nothing_to_read)
{
    Pair pair;
    pair.connect();
    BOOST_TEST(!pair.wire.line.to_client.empty()); // the server's tickets
    Outcome last{};
    BOOST_TEST(read_all(*pair.client, last) == "");
    BOOST_TEST(last == Outcome::wants_read);
    BOOST_TEST(pair.wire.line.to_client.empty());
}

BOOST_AUTO_TEST_CASE(renegotiation_is_refused_by_both_sides)
{
    Pair pair;
    SSL_set_max_proto_version(pair.client->ssl(), TLS1_2_VERSION);
    pair.connect();
    BOOST_TEST(SSL_renegotiate(pair.client->ssl()) == 0);
    BOOST_TEST(SSL_renegotiate(pair.server->ssl()) == 0);
    // One that asks all the same gets an alert and no handshake.
    SSL_clear_options(pair.client->ssl(), SSL_OP_NO_RENEGOTIATION);
    BOOST_TEST(SSL_renegotiate(pair.client->ssl()) == 1);
    (void)pair.client->handshake();
    Outcome last{};
    read_all(*pair.server, last);
    BOOST_TEST(pair.client->handshake() != Outcome::done);
}

BOOST_AUTO_TEST_CASE(hundreds_of_sessions_live_side_by_side)
{
    Pair pair;
    std::vector<std::pair<std::unique_ptr<Session>, std::unique_ptr<Session>>> kept;
    std::vector<std::unique_ptr<Wire>> wires;
    int connected = 0;
    for (int i = 0; i < 600; ++i) {
        auto& wire = *wires.emplace_back(std::make_unique<Wire>());
        kept.emplace_back(
            pair.origins->session(std::to_string(i), "www.facebook.com", "\x02h2", wire.client, now_s()).value(),
            pair.clients.session(*pair.authority, "d1", "www.facebook.com", "h2", wire.server, now_s()).value());
        connected += shake_hands(*kept.back().first, *kept.back().second) == std::pair(Outcome::done, Outcome::done);
    }
    BOOST_TEST(connected == 600);
}

BOOST_AUTO_TEST_CASE(the_kept_hello_of_a_real_browser_is_answered)
{
    const auto authority = an_authority(now_s());
    ClientSide clients;
    for (const char* file : {"chromium", "curl", "gnutls", "s_client"}) {
        std::ifstream in(PARAVENT_SOURCE "/tests/fuzz/client_hello/"s + file, std::ios::binary);
        Wire wire;
        const auto server = clients.session(*authority, "d1", "www.facebook.com", "h2", wire.server, now_s()).value();
        server->replay({std::istreambuf_iterator<char>(in), {}});
        BOOST_TEST(server->handshake() == Outcome::wants_read);
        BOOST_TEST(wire.line.to_client.starts_with("\x16\x03\x03"), file); // and no alert
    }
}

BOOST_AUTO_TEST_SUITE_END()
