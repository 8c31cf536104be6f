#include "tests/unit/tls_play.hpp"

#include "proxy/tls/client_side.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace paravent::tls;
using namespace std::string_literals;

namespace {

const auto host = "www.facebook.com"s;

/// A device: an app or browser with its own idea of whom to trust.
struct Device {
    Context context{SSL_CTX_new(TLS_client_method())};
    SSL_SESSION* session = nullptr; ///< the latest ticket

    explicit Device(X509* root)
    {
        if (root != nullptr)
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root);
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_set_app_data(context.get(), this);
        SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION* given) {
            auto& device = *static_cast<Device*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
            SSL_SESSION_free(device.session);
            device.session = given;
            return 1;
        });
    }
    ~Device() { SSL_SESSION_free(session); }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    void set_versions(int least, int most)
    {
        SSL_CTX_set_security_level(context.get(), 0);
        SSL_CTX_set_min_proto_version(context.get(), least);
        SSL_CTX_set_max_proto_version(context.get(), most);
    }

    std::unique_ptr<Session> connect(Transport& transport, const std::string& name = host,
                                     const std::string& protocols = "", SSL_SESSION* resume = nullptr)
    {
        Ssl ssl{SSL_new(context.get())};
        SSL_set_connect_state(ssl.get());
        SSL_set1_host(ssl.get(), name.c_str());
        SSL_set_tlsext_host_name(ssl.get(), name.c_str());
        if (!protocols.empty())
            SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
        if (resume != nullptr)
            SSL_set_session(ssl.get(), resume);
        auto end = std::make_unique<Session>(std::move(ssl), transport);
        SSL_set_cert_cb(end->ssl(), nullptr, nullptr);
        return end;
    }
};

struct Home {
    std::shared_ptr<const Authority> authority = an_authority(now_s());
    ClientSide clients;

    std::unique_ptr<Session> answer(Transport& transport, const std::string& protocol = "",
                                    const std::string& device = "d1", const std::string& name = host)
    {
        auto session = clients.session(*authority, device, name, protocol, transport, now_s());
        BOOST_REQUIRE(session.has_value());
        return std::move(*session);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(client)

BOOST_AUTO_TEST_CASE(a_device_that_trusts_the_authority_is_served_by_a_whole_chain)
{
    Home home;
    Device device(home.authority->root());
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        device.set_versions(version, version);
        Wire wire;
        const auto client = device.connect(wire.client), server = home.answer(wire.server);
        BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::done, Outcome::done)));
        BOOST_TEST(client->version() == version);
        BOOST_TEST(sk_X509_num(SSL_get_peer_cert_chain(client->ssl())) == 2);
        client->write("GET /");
        BOOST_TEST(read_all(*server) == "GET /");
        BOOST_TEST(!server->refusal());
        server->write("200");
        BOOST_TEST(read_all(*client) == "200");
    }
}

BOOST_AUTO_TEST_CASE(the_protocol_is_the_one_that_the_origin_chose)
{
    Home home;
    Device device(home.authority->root());
    struct {
        std::string offered, chosen, expected;
    } const cases[] = {
        {"\x02h2\x08http/1.1", "h2", "h2"},
        {"\x02h2\x08http/1.1", "http/1.1", "http/1.1"},
        {"\x02h2\x08http/1.1", "", ""},
        {"\x08http/1.1", "h2", ""},
        {"", "h2", ""},
        {"\x02\x1a\x1a\x02h2", "h2", "h2"},
    };
    for (const auto& [offered, chosen, expected] : cases) {
        Wire wire;
        const auto client = device.connect(wire.client, host, offered), server = home.answer(wire.server, chosen);
        BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::done, Outcome::done)));
        BOOST_TEST(client->protocol() == expected);
        BOOST_TEST(server->protocol() == expected);
    }
}

BOOST_AUTO_TEST_CASE(old_versions_and_weak_ciphers_are_refused)
{
    Home home;
    struct {
        int least, most;
        const char* ciphers;
    } const cases[] = {
        {TLS1_VERSION, TLS1_VERSION, "DEFAULT:@SECLEVEL=0"},
        {TLS1_VERSION, TLS1_1_VERSION, "DEFAULT:@SECLEVEL=0"},
        {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE+SHA1:ECDHE+SHA256:ECDHE+SHA384:@SECLEVEL=0"},
        {TLS1_2_VERSION, TLS1_2_VERSION, "kRSA:DHE:@SECLEVEL=0"},
        {TLS1_2_VERSION, TLS1_2_VERSION, "eNULL:aNULL:@SECLEVEL=0"},
    };
    for (const auto& [least, most, ciphers] : cases) {
        Device device(home.authority->root());
        device.set_versions(least, most);
        SSL_CTX_set_cipher_list(device.context.get(), ciphers);
        Wire wire;
        const auto client = device.connect(wire.client), server = home.answer(wire.server);
        BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::failed, Outcome::failed)), ciphers);
        BOOST_TEST(!server->refusal()); // it never saw our certificate
        BOOST_TEST(server->failure() != "");
    }
}

BOOST_AUTO_TEST_CASE(a_session_is_resumed_for_its_own_host_device_and_authority_alone)
{
    Home home;
    const auto second = an_authority(now_s());
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        Device device(home.authority->root());
        X509_STORE_add_cert(SSL_CTX_get_cert_store(device.context.get()), second->root());
        device.set_versions(version, version);
        const auto meet = [&](const Authority& authority, const char* whose, const std::string& name,
                              SSL_SESSION* resume) {
            Wire wire;
            const auto client = device.connect(wire.client, name, "", resume);
            const auto server = home.clients.session(authority, whose, name, "", wire.server, now_s()).value();
            BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::done, Outcome::done)));
            server->write("x");
            BOOST_TEST(read_all(*client) == "x");
            BOOST_TEST(client->resumed() == server->resumed());
            return client->resumed();
        };
        BOOST_TEST(!meet(*home.authority, "d1", host, nullptr));
        BOOST_REQUIRE(device.session != nullptr);
        BOOST_TEST(meet(*home.authority, "d1", host, device.session));
        const auto ticket = [&] {
            SSL_SESSION_up_ref(device.session);
            return std::unique_ptr<SSL_SESSION, Release<SSL_SESSION_free>>{device.session};
        }();
        BOOST_TEST(!meet(*home.authority, "d2", host, ticket.get()));
        BOOST_TEST(!meet(*home.authority, "d1", "m.facebook.com", ticket.get()));
        BOOST_TEST(!meet(*second, "d1", host, ticket.get()));
    }
}

BOOST_AUTO_TEST_CASE(contexts_are_bounded_and_go_with_the_authority)
{
    const auto authority = an_authority(now_s());
    ClientSide clients(2);
    for (const char* name : {"a.facebook.com", "b.facebook.com", "c.facebook.com"}) {
        Wire wire;
        BOOST_TEST(clients.session(*authority, "d1", name, "", wire.server, now_s()).has_value());
    }
    BOOST_TEST(clients.size() == 2U);
    clients.forget_all();
    BOOST_TEST(clients.size() == 0U);
    BOOST_TEST(clients.leaves().size() == 0U);
}

BOOST_AUTO_TEST_CASE(no_session_begins_for_a_name_or_a_day_that_is_not_the_authoritys)
{
    const auto authority = an_authority(now_s());
    ClientSide clients;
    Wire wire;
    BOOST_TEST(
        (clients.session(*authority, "d1", "bank.example", "", wire.server, now_s()).error() == Error::outside_names));
    BOOST_TEST((clients.session(*authority, "d1", host, "", wire.server, 0).error() == Error::clock_before_build));
}

BOOST_AUTO_TEST_CASE(a_refusal_says_how)
{
    Home home;
    const auto refused_by = [&](Device& device, const std::string& name) {
        Wire wire;
        const auto client = device.connect(wire.client, name), server = home.answer(wire.server);
        BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::failed, Outcome::failed)));
        return server->refusal();
    };
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        Device stranger(nullptr), picky(home.authority->root()), pinned(home.authority->root());
        for (auto* device : {&stranger, &picky, &pinned})
            device->set_versions(version, version);
        BOOST_TEST((refused_by(stranger, host) == Refusal::unknown_ca));
        BOOST_TEST((refused_by(picky, "other.facebook.com") == Refusal::bad_certificate));
        SSL_CTX_set_cert_verify_callback(
            pinned.context.get(),
            [](X509_STORE_CTX* store, void*) {
                X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
                return 0;
            },
            nullptr);
        const auto said = refused_by(pinned, host);
        BOOST_REQUIRE(said.has_value());
        BOOST_TEST(
            (said == Refusal::closed || said == Refusal::certificate_unknown)); // handshake_failure, no word of ours
    }
}

BOOST_AUTO_TEST_CASE(who_closes_after_our_certificate_refuses_it)
{
    Home home;
    Device device(home.authority->root());
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        device.set_versions(version, version);
        Wire wire;
        const auto client = device.connect(wire.client), server = home.answer(wire.server);
        BOOST_TEST(client->handshake() == Outcome::wants_read);
        BOOST_TEST(server->handshake() == Outcome::wants_read);
        wire.line.client_gone = true;
        BOOST_TEST(server->handshake() == Outcome::cut);
        BOOST_TEST((server->refusal() == Refusal::closed));
    }
}

BOOST_AUTO_TEST_CASE(who_closes_before_our_certificate_does_not)
{
    Home home;
    Device device(home.authority->root());
    Wire wire;
    const auto client = device.connect(wire.client), server = home.answer(wire.server);
    BOOST_TEST(client->handshake() == Outcome::wants_read);
    wire.line.to_server.resize(100);
    wire.line.client_gone = true;
    BOOST_TEST(server->handshake() == Outcome::cut);
    BOOST_TEST(!server->refusal());
}

BOOST_AUTO_TEST_CASE(a_broken_hello_is_no_refusal)
{
    Home home;
    Wire wire;
    const auto server = home.answer(wire.server);
    wire.line.to_server = "\x16\x03\x01\x00\x05\x02\x00\x00\x01x"s;
    BOOST_TEST(server->handshake() == Outcome::failed);
    BOOST_TEST(!server->refusal());
    Wire other;
    const auto second = home.answer(other.server);
    other.line.to_server = "\x15\x03\x01\x00\x02\x02\x30"s; // an alert unknown_ca before anything was sent
    BOOST_TEST(second->handshake() == Outcome::failed);
    BOOST_TEST(!second->refusal());
}

BOOST_AUTO_TEST_CASE(who_asks_for_nothing_is_judged_later)
{
    Home home;
    Device device(home.authority->root());
    for (const bool asks : {false, true})
        for (const bool says_goodbye : {false, true}) {
            Wire wire;
            const auto client = device.connect(wire.client), server = home.answer(wire.server);
            BOOST_TEST((shake_hands(*client, *server) == std::pair(Outcome::done, Outcome::done)));
            BOOST_TEST(!server->refusal());
            if (asks) {
                client->write("GET /");
                BOOST_TEST(read_all(*server) == "GET /");
            }
            if (says_goodbye)
                client->close();
            wire.line.client_gone = true;
            Outcome last{};
            read_all(*server, last);
            BOOST_TEST(last == (says_goodbye ? Outcome::ended : Outcome::cut));
            BOOST_TEST((server->refusal() == (asks ? std::nullopt : std::optional(Refusal::closed_later))));
        }
}

BOOST_AUTO_TEST_CASE(a_resumed_session_refuses_nothing)
{
    Home home;
    Device device(home.authority->root());
    {
        Wire wire;
        const auto client = device.connect(wire.client), server = home.answer(wire.server);
        shake_hands(*client, *server);
        server->write("x");
        read_all(*client);
    }
    BOOST_REQUIRE(device.session != nullptr);
    Wire wire;
    const auto client = device.connect(wire.client, host, "", device.session), server = home.answer(wire.server);
    shake_hands(*client, *server);
    BOOST_TEST(server->resumed());
    wire.line.client_gone = true;
    Outcome last{};
    read_all(*server, last);
    BOOST_TEST(last == Outcome::cut);
    BOOST_TEST(!server->refusal()); // no certificate of ours was sent
}

BOOST_AUTO_TEST_SUITE_END()
