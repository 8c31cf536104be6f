#include "tests/unit/tls_play.hpp"

#include "proxy/tls/origin_side.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/ocsp.h>
#include <openssl/rsa.h>

using namespace paravent::tls;
using namespace std::string_literals;
namespace data = boost::unit_test::data;

namespace {

const auto host = "www.facebook.com"s;
const auto both_protocols = "\x02h2\x08http/1.1"s;

/// How a certificate differs from a good one.
struct Kind {
    const char* names = "DNS:www.facebook.com";
    std::string_view subject = {};
    const char* purpose = "serverAuth";
    Validity validity{now_s() - day, now_s() + 30 * day};
    const EVP_MD* digest = EVP_sha256();
    Key (*make)() = make_key;
    const char* feature = nullptr;
};

Origin an_origin(const Kind& kind, X509* issuer, EVP_PKEY* issuer_key)
{
    Origin origin;
    origin.key = kind.make();
    origin.certificate = start_certificate(origin.key.get(), kind.subject, kind.validity);
    auto* certificate = origin.certificate.get();
    if (kind.names != nullptr)
        add_extension(certificate, NID_subject_alt_name, kind.names);
    add_extension(certificate, NID_ext_key_usage, kind.purpose);
    if (kind.feature != nullptr)
        add_extension(certificate, NID_tlsfeature, kind.feature);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer != nullptr ? issuer : certificate));
    X509_sign(certificate, issuer_key != nullptr ? issuer_key : origin.key.get(), kind.digest);
    return origin;
}

Origin an_origin(const World& world, const Kind& kind = {})
{
    return an_origin(kind, world.root.get(), world.root_key.get());
}

/// An origin under an intermediate: `extensions` as pairs of what it is and x509v3_config(5).
Origin under_intermediate(const World& world, const std::vector<std::pair<int, const char*>>& extensions)
{
    const auto key = make_key();
    auto intermediate = start_certificate(key.get(), "between", {now_s() - day, now_s() + 30 * day});
    for (const auto& [nid, value] : extensions)
        add_extension(intermediate.get(), nid, value);
    sign(intermediate.get(), world.root.get(), world.root_key.get());
    auto origin = an_origin({}, intermediate.get(), key.get());
    origin.intermediate = std::move(intermediate);
    return origin;
}

Key rsa_1024()
{
    return Key{EVP_RSA_gen(1024)};
}
Key rsa_2048()
{
    return Key{EVP_RSA_gen(2048)};
}

/// A home that trusts the world's root.
struct Home {
    World world;
    StateFolder folder;
    std::unique_ptr<OriginSide> origins;
    Home()
    {
        const auto file = folder.path() / "root.pem";
        std::ofstream(file) << pem_of(world.root.get());
        origins = std::make_unique<OriginSide>(file);
    }
};

struct Contact {
    Outcome outcome{};
    bool wants_certificate = false, resumed = false, holds_certificate = false, holds_staple = false;
    std::string failure, protocol;
    std::uint16_t version = 0;
};

/// A handshake with an origin, and a byte from it, behind which its tickets come.
Contact meet(OriginSide& origins, const Context& context, const std::string& device = "d1",
             const std::string& name = host, Seconds now = now_s(), const std::string& alpn = both_protocols)
{
    Wire wire;
    const auto server = end_of(context, wire.server, false);
    const auto session = origins.session(device, name, alpn, wire.client, now);
    BOOST_REQUIRE(session.has_value());
    auto& client = **session;
    Contact contact;
    contact.outcome = shake_hands(client, *server).first;
    if (contact.outcome == Outcome::done) {
        server->write("x");
        BOOST_TEST(read_all(client) == "x");
    }
    contact.wants_certificate = client.wants_client_certificate();
    contact.failure = client.failure();
    contact.protocol = client.protocol();
    contact.version = client.version();
    contact.resumed = client.resumed();
    contact.holds_certificate = SSL_get0_peer_certificate(client.ssl()) != nullptr;
    const unsigned char* staple = nullptr;
    contact.holds_staple = SSL_get_tlsext_status_ocsp_resp(client.ssl(), &staple) > 0;
    return contact;
}

Outcome outcome_of(Home& home, const Origin& origin)
{
    return meet(*home.origins, origin.context()).outcome;
}

} // namespace

BOOST_AUTO_TEST_SUITE(origin)

BOOST_AUTO_TEST_CASE(a_good_origin_is_met_by_the_newest_protocol_it_has)
{
    Home home;
    auto origin = an_origin(home.world);
    const auto contact = meet(*home.origins, origin.context());
    BOOST_TEST(contact.outcome == Outcome::done);
    BOOST_TEST(contact.failure == "");
    BOOST_TEST(contact.version == TLS1_3_VERSION);
    BOOST_TEST(contact.protocol == "");
    origin.most_version = TLS1_2_VERSION;
    origin.protocols = "\x08http/1.1";
    const auto old = meet(*home.origins, origin.context());
    BOOST_TEST(old.outcome == Outcome::done);
    BOOST_TEST(old.version == TLS1_2_VERSION);
    BOOST_TEST(old.protocol == "http/1.1");
    origin.protocols = "\x02h2\x08http/1.1";
    BOOST_TEST(meet(*home.origins, origin.context()).protocol == "h2");
    BOOST_TEST(meet(*home.origins, origin.context(), "d1", host, now_s(), "").protocol == "");
    BOOST_TEST(outcome_of(home, an_origin(home.world, {.make = rsa_2048})) == Outcome::done);
    BOOST_TEST(outcome_of(home, an_origin(home.world, {.names = "DNS:*.facebook.com"})) == Outcome::done);
    BOOST_TEST(outcome_of(home, under_intermediate(home.world, {{NID_basic_constraints, "critical,CA:TRUE"}})) ==
               Outcome::done);
}

namespace {

/// Table I1: what is wrong with the certificate.
struct BadCertificate {
    const char* name;
    Origin (*make)(const World&);
    const char* said;
};
std::ostream& operator<<(std::ostream& os, const BadCertificate& bad)
{
    return os << bad.name;
}

const BadCertificate bad_certificates[] = {
    {"expired", [](const World& w) { return an_origin(w, {.validity = {now_s() - 9 * day, now_s() - 60}}); },
     "certificate has expired"},
    {"not yet valid", [](const World& w) { return an_origin(w, {.validity = {now_s() + day, now_s() + 9 * day}}); },
     "certificate is not yet valid"},
    {"another name", [](const World& w) { return an_origin(w, {.names = "DNS:www.instagram.com"}); },
     "hostname mismatch"},
    {"part of a name as wildcard", [](const World& w) { return an_origin(w, {.names = "DNS:w*.facebook.com"}); },
     "hostname mismatch"},
    {"self-signed", [](const World&) { return an_origin({}, nullptr, nullptr); }, "self-signed certificate"},
    {"unknown root", [](const World&) { return an_origin(World{}); }, "certificate signature failure"},
    {"name in the subject alone",
     [](const World& w) { return an_origin(w, {.names = nullptr, .subject = "www.facebook.com"}); },
     "hostname mismatch"},
    {"name in the subject beside another",
     [](const World& w) { return an_origin(w, {.names = "email:a@facebook.com", .subject = "www.facebook.com"}); },
     "hostname mismatch"},
    {"a server's certificate as authority",
     [](const World& w) { return under_intermediate(w, {{NID_basic_constraints, "critical,CA:FALSE"}}); },
     "invalid CA certificate"},
    {"an authority that says nothing of it", [](const World& w) { return under_intermediate(w, {}); },
     "invalid CA certificate"},
    {"not for servers", [](const World& w) { return an_origin(w, {.purpose = "clientAuth"}); },
     "unsuitable certificate purpose"},
    {"outside its authority's names",
     [](const World& w) {
         return under_intermediate(w, {{NID_basic_constraints, "critical,CA:TRUE"},
                                       {NID_name_constraints, "critical,permitted;DNS:bank.example"}});
     },
     "permitted subtree violation"},
    {"a name its authority must not sign for",
     [](const World& w) {
         return under_intermediate(w, {{NID_basic_constraints, "critical,CA:TRUE"},
                                       {NID_name_constraints, "critical,excluded;DNS:facebook.com"}});
     },
     "excluded subtree violation"},
    // Table I2, as far as it is in the certificate
    {"RSA of 1024 bits", [](const World& w) { return an_origin(w, {.make = rsa_1024}); },
     "EE certificate key too weak"},
    {"SHA-1", [](const World& w) { return an_origin(w, {.digest = EVP_sha1()}); },
     "CA signature digest algorithm too weak"},
    // MD5 falls to the same check; OpenSSL does not serve such a chain.
};

} // namespace

BOOST_DATA_TEST_CASE(an_origin_with_a_bad_certificate_gets_no_session, bad_certificates, bad)
{
    Home home;
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        auto origin = bad.make(home.world);
        origin.most_version = version;
        const auto contact = meet(*home.origins, origin.context());
        BOOST_TEST(contact.outcome == Outcome::failed);
        BOOST_TEST(contact.failure == bad.said);
        BOOST_TEST(!contact.wants_certificate);
    }
    BOOST_TEST(outcome_of(home, an_origin(home.world)) == Outcome::done);
}

namespace {

/// Table I2: what is wrong with the protocol. RC4, 3DES and export are not in OpenSSL any more; none of ours is older.
struct Weak {
    const char* name;
    int version;
    const char* ciphers;
};
std::ostream& operator<<(std::ostream& os, const Weak& weak)
{
    return os << weak.name;
}
const Weak weak_origins[] = {
    {"TLS 1.0", TLS1_VERSION, "DEFAULT:@SECLEVEL=0"},
    {"TLS 1.1", TLS1_1_VERSION, "DEFAULT:@SECLEVEL=0"},
    {"no encryption", TLS1_2_VERSION, "eNULL:@SECLEVEL=0"},
    {"no certificate", TLS1_2_VERSION, "aNULL:@SECLEVEL=0"},
    {"no forward secrecy", TLS1_2_VERSION, "kRSA:@SECLEVEL=0"},
    {"Diffie-Hellman in a field", TLS1_2_VERSION, "DHE:@SECLEVEL=0"},
    {"CBC", TLS1_2_VERSION, "ECDHE+AES128+SHA1:ECDHE+AES256+SHA384:@SECLEVEL=0"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_weak_origin_gets_no_session, weak_origins, weak)
{
    Home home;
    auto origin = an_origin(home.world, {.make = rsa_2048});
    origin.most_version = weak.version;
    origin.ciphers = weak.ciphers;
    BOOST_TEST(outcome_of(home, origin) == Outcome::failed);
    // A client without scruples is served by it, so it is the weakness that was refused.
    const Context careless{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_security_level(careless.get(), 0);
    SSL_CTX_set_min_proto_version(careless.get(), TLS1_VERSION);
    SSL_CTX_set_cipher_list(careless.get(), "ALL:eNULL:aNULL:@SECLEVEL=0");
    const auto context = origin.context();
    SSL_CTX_set_dh_auto(context.get(), 1);
    Wire wire;
    const auto client = end_of(careless, wire.client, true), server = end_of(context, wire.server, false);
    BOOST_TEST(shake_hands(*client, *server).first == Outcome::done);
}

BOOST_AUTO_TEST_CASE(an_origin_that_asks_for_a_certificate_is_recognised_by_that)
{
    Home home;
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        auto origin = an_origin(home.world);
        origin.asks_for_certificate = true;
        origin.most_version = version;
        const auto contact = meet(*home.origins, origin.context());
        BOOST_TEST(contact.outcome == Outcome::failed);
        BOOST_TEST(contact.wants_certificate);
    }
}

BOOST_AUTO_TEST_CASE(before_the_day_of_the_build_no_date_is_judged)
{
    Home home;
    const auto old = an_origin(home.world, {.validity = {now_s() - 9 * day, now_s() - 60}});
    const auto context = old.context();
    BOOST_TEST(meet(*home.origins, context, "d1", host, 0).outcome == Outcome::done);
    BOOST_TEST(meet(*home.origins, context, "d2", host, built_at() - 1).outcome == Outcome::done);
    BOOST_TEST(meet(*home.origins, context, "d3").outcome == Outcome::failed);
    // Everything else is.
    const auto other = an_origin(home.world, {.names = "DNS:a.example"});
    BOOST_TEST(meet(*home.origins, other.context(), "d4", host, 0).outcome == Outcome::failed);
}

BOOST_AUTO_TEST_CASE(the_time_is_the_one_that_is_told)
{
    Home home;
    const auto origin = an_origin(home.world);
    BOOST_TEST(meet(*home.origins, origin.context(), "d1", host, now_s() + 40 * day).failure ==
               "certificate has expired");
}

BOOST_AUTO_TEST_CASE(a_session_is_resumed_for_its_own_device_and_host_alone)
{
    Home home;
    auto origin = an_origin(home.world, {.names = "DNS:www.facebook.com,DNS:m.facebook.com"});
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        origin.most_version = version;
        home.origins->forget_sessions();
        const auto context = origin.context();
        BOOST_TEST(!meet(*home.origins, context, "d1").resumed);
        BOOST_TEST(!meet(*home.origins, context, "d2").resumed);
        BOOST_TEST(!meet(*home.origins, context, "d1", "m.facebook.com").resumed);
        const auto again = meet(*home.origins, context, "d1");
        BOOST_TEST(again.resumed);
        BOOST_TEST(again.outcome == Outcome::done);
        BOOST_TEST(!again.holds_certificate); // it would take 4 KiB as long as the connection lasts
        if (version == TLS1_3_VERSION)        // also by the ticket of a resumed one; with 1.2 that brings none
            BOOST_TEST(meet(*home.origins, context, "d1").resumed);
        BOOST_TEST(!meet(*home.origins, context, "d1", host, now_s() + 2 * day).resumed);
        meet(*home.origins, context, "d1");
        home.origins->forget_sessions();
        BOOST_TEST(!meet(*home.origins, context, "d1").resumed);
    }
}

BOOST_AUTO_TEST_CASE(sessions_to_resume_are_bounded)
{
    Home home;
    OriginSide origins(home.folder.path() / "root.pem", 2);
    const auto origin = an_origin(home.world);
    const auto context = origin.context();
    for (const char* device : {"d1", "d2", "d3"})
        meet(origins, context, device);
    BOOST_TEST(!meet(origins, context, "d1").resumed);
}

namespace {

/// What an origin staples: DER.
std::string staple(const Origin& origin, X509* issuer, EVP_PKEY* issuer_key, int status, Seconds from, Seconds to,
                   const EVP_MD* id_digest = EVP_sha1())
{
    const std::unique_ptr<OCSP_BASICRESP, Release<OCSP_BASICRESP_free>> basic{OCSP_BASICRESP_new()};
    const std::unique_ptr<OCSP_CERTID, Release<OCSP_CERTID_free>> id{
        OCSP_cert_to_id(id_digest, origin.certificate.get(), issuer)};
    auto *since = ASN1_TIME_set(nullptr, from), *until = ASN1_TIME_set(nullptr, to);
    OCSP_basic_add1_status(basic.get(), id.get(), status, 0, since, since, until);
    OCSP_basic_sign(basic.get(), issuer, issuer_key, EVP_sha256(), nullptr, 0);
    ASN1_TIME_free(since);
    ASN1_TIME_free(until);
    const std::unique_ptr<OCSP_RESPONSE, Release<OCSP_RESPONSE_free>> response{
        OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get())};
    std::string der(static_cast<std::size_t>(i2d_OCSP_RESPONSE(response.get(), nullptr)), '\0');
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_OCSP_RESPONSE(response.get(), &at);
    return der;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_staple_must_say_good)
{
    Home home;
    auto* root = home.world.root.get();
    auto* key = home.world.root_key.get();
    auto origin = an_origin(home.world);
    const auto outcome = [&](std::string bytes, int version) {
        origin.staple = std::move(bytes);
        origin.most_version = version;
        return outcome_of(home, origin);
    };
    const auto now = now_s();
    const World other;
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        constexpr int good = V_OCSP_CERTSTATUS_GOOD, revoked = V_OCSP_CERTSTATUS_REVOKED,
                      unknown = V_OCSP_CERTSTATUS_UNKNOWN;
        BOOST_TEST(outcome(staple(origin, root, key, good, now - 60, now + day), version) == Outcome::done);
        BOOST_TEST(!meet(*home.origins, origin.context()).holds_staple); // it was judged
        BOOST_TEST(outcome(staple(origin, root, key, good, now - 60, now + day, EVP_sha256()), version) ==
                   Outcome::done);
        BOOST_TEST(outcome(staple(origin, root, key, revoked, now - 60, now + day), version) == Outcome::failed);
        BOOST_TEST(outcome(staple(origin, root, key, unknown, now - 60, now + day), version) == Outcome::failed);
        BOOST_TEST(outcome(staple(origin, root, key, good, now - 2 * day, now - day), version) == Outcome::failed);
        BOOST_TEST(outcome(staple(origin, root, key, good, now + day, now + 2 * day), version) == Outcome::failed);
        // Of another certificate, and by somebody else.
        BOOST_TEST(outcome(staple(an_origin(home.world), root, key, good, now - 60, now + day), version) ==
                   Outcome::failed);
        BOOST_TEST(outcome(staple(origin, other.root.get(), other.root_key.get(), good, now - 60, now + day),
                           version) == Outcome::failed);
        BOOST_TEST(outcome("no staple", version) == Outcome::failed);
    }
}

BOOST_AUTO_TEST_CASE(a_promised_staple_must_come)
{
    Home home;
    auto origin = an_origin(home.world, {.feature = "status_request"});
    BOOST_TEST(outcome_of(home, origin) == Outcome::failed);
    origin.staple = staple(origin, home.world.root.get(), home.world.root_key.get(), V_OCSP_CERTSTATUS_GOOD,
                           now_s() - 60, now_s() + day);
    BOOST_TEST(outcome_of(home, origin) == Outcome::done);
}

BOOST_AUTO_TEST_CASE(a_file_of_roots_that_has_none_is_named)
{
    const StateFolder folder;
    const auto file = folder.path() / "roots.pem";
    BOOST_CHECK_THROW(OriginSide{file}, std::runtime_error);
    std::ofstream(file) << "nothing";
    BOOST_CHECK_EXCEPTION(OriginSide{file}, std::runtime_error, [&](const auto& error) {
        return std::string(error.what()).find(file.string()) != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
