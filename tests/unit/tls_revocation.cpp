#include "proxy/tls/revocation.hpp"
#include "tests/unit/tls_home.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <ctime>

using namespace paravent::tls;

namespace {

Crl crl_from(const std::string& der)
{
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return Crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()))};
}

Crl crl_of(CrlCache& cache, const Authority& authority, const Issuer& issuer, Seconds now = today)
{
    const auto der = cache.crl(authority, issuer, now);
    BOOST_REQUIRE(der.has_value());
    auto crl = crl_from(*der);
    BOOST_REQUIRE(crl != nullptr);
    return crl;
}

Seconds seconds(const ASN1_TIME* time)
{
    std::tm utc{};
    BOOST_REQUIRE(ASN1_TIME_to_tm(time, &utc) == 1);
    return timegm(&utc);
}

Seconds number_of(X509_CRL* crl)
{
    const std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER_free>> number{
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr))};
    std::int64_t value = -1;
    BOOST_REQUIRE((number != nullptr && ASN1_INTEGER_get_int64(&value, number.get()) == 1));
    return value;
}

/// What OpenSSL says to a chain where every certificate of it has to be on nobody's list.
std::string verdict_with_crls(const Leaf& leaf, X509* root, const std::vector<X509_CRL*>& crls, Seconds now = today)
{
    const std::unique_ptr<X509_STORE, Release<X509_STORE_free>> store{X509_STORE_new()};
    const std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>> context{X509_STORE_CTX_new()};
    X509_STORE_add_cert(store.get(), root);
    for (auto* crl : crls)
        X509_STORE_add_crl(store.get(), crl);
    auto* untrusted = sk_X509_new_null();
    sk_X509_push(untrusted, leaf.intermediate.get());
    X509_STORE_CTX_init(context.get(), store.get(), leaf.certificate.get(), untrusted);
    auto* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters, now);
    X509_VERIFY_PARAM_set_flags(parameters,
                                X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_verify_cert(context.get());
    sk_X509_free(untrusted);
    return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

/// The text of an authority as versions before the lists wrote it: without the root's.
std::string without_crl(const Authority& authority)
{
    const auto text = authority.text();
    const std::string whole(bytes_of(text.get()));
    const auto at = whole.find("-----BEGIN X509 CRL-----");
    BOOST_REQUIRE(at != std::string::npos);
    return whole.substr(0, at);
}

} // namespace

BOOST_AUTO_TEST_SUITE(revocation)

BOOST_AUTO_TEST_CASE(a_client_that_insists_on_revocation_lists_accepts_a_leaf)
{
    const auto authority = an_authority();
    const auto read = Authority::from_text(bytes_of(authority->text().get()));
    CrlCache cache;
    const auto root = crl_from(der_of(read.root_crl()));
    for (const auto& [host, issuer] : {std::pair{"www.facebook.com", &read.meta()}, {"paravent.local", &read.box()}}) {
        const auto leaf = make_leaf(read, host, today);
        BOOST_REQUIRE(leaf.has_value());
        const auto crl = crl_of(cache, read, *issuer);
        BOOST_TEST(verdict_with_crls(**leaf, read.root(), {crl.get(), root.get()}) == "ok");
        BOOST_TEST(verdict_with_crls(**leaf, read.root(), {crl.get()}) == "unable to get certificate CRL");
        const auto last_day = read.not_after() - day; // the root signs no second one
        const auto late = make_leaf(read, host, last_day);
        BOOST_REQUIRE(late.has_value());
        const auto late_crl = crl_of(cache, read, *issuer, last_day);
        BOOST_TEST(verdict_with_crls(**late, read.root(), {late_crl.get(), root.get()}, last_day) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(a_list_is_empty_and_good_for_a_week)
{
    const auto authority = an_authority(today - 100 * day);
    CrlCache cache;
    const auto crl = crl_of(cache, *authority, authority->meta());
    BOOST_TEST(X509_CRL_get_version(crl.get()) == X509_CRL_VERSION_2);
    BOOST_TEST(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get())) <= 0);
    BOOST_TEST(seconds(X509_CRL_get0_lastUpdate(crl.get())) == today - 2 * day);
    BOOST_TEST(seconds(X509_CRL_get0_nextUpdate(crl.get())) == today + 7 * day);
    BOOST_TEST(number_of(crl.get()) == today);
    BOOST_TEST(X509_CRL_get_ext_by_NID(crl.get(), NID_authority_key_identifier, -1) >= 0);
    BOOST_TEST(X509_CRL_get_ext_count(crl.get()) == 2);
    BOOST_TEST(
        X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), X509_get_subject_name(authority->meta().certificate.get())) == 0);
}

BOOST_AUTO_TEST_CASE(a_list_is_signed_once_an_hour)
{
    const auto authority = an_authority();
    CrlCache cache;
    const auto der = [&](const Issuer& issuer, Seconds now) { return cache.crl(*authority, issuer, now).value(); };
    const auto first = der(authority->meta(), today);
    BOOST_TEST(der(authority->meta(), today + 3599) == first);
    BOOST_TEST(der(authority->box(), today) != first);
    const auto second = der(authority->meta(), today + 3600);
    BOOST_TEST(number_of(crl_from(second).get()) > number_of(crl_from(first).get()));
    BOOST_TEST(der(authority->meta(), today) != second); // the clock was set back
}

BOOST_AUTO_TEST_CASE(no_list_is_signed_by_a_clock_that_is_wrong)
{
    const auto authority = an_authority(built_at());
    CrlCache cache;
    const auto error = [&](Seconds now) { return cache.crl(*authority, authority->meta(), now).error(); };
    BOOST_TEST((error(0) == Error::clock_before_build));
    BOOST_TEST((error(built_at() - 1) == Error::clock_before_build));
    BOOST_TEST((error(authority->not_after() + 1) == Error::not_valid_now));
}

BOOST_AUTO_TEST_CASE(the_roots_list_goes_where_the_authority_goes)
{
    const StateFolder state;
    const auto made = create_authority(state.path(), box_names, today);
    const auto loaded = load_authorities(state.path()).authorities.front();
    const auto from_backup = Authority::from_text(bytes_of(loaded->text("correct horse").get()), "correct horse");
    for (const auto* each : {loaded.get(), &from_backup})
        BOOST_TEST(der_of(each->root_crl()) == der_of(made->root_crl()));
    replace_authorities(state.path(), {loaded});
    BOOST_TEST(load_authorities(state.path()).authorities.front()->root_crl() != nullptr);
}

BOOST_AUTO_TEST_CASE(an_authority_without_a_roots_list_is_in_order)
{
    const auto made = an_authority();
    const auto read = Authority::from_text(without_crl(*made));
    BOOST_TEST(read.root_crl() == nullptr);
    BOOST_TEST(read.id() == made->id());
    BOOST_TEST(Authority::from_text(bytes_of(read.text().get())).id() == made->id());
}

BOOST_AUTO_TEST_CASE(another_roots_list_is_none)
{
    const auto made = an_authority(), other = an_authority();
    const auto text = other->text();
    const std::string theirs(bytes_of(text.get()));
    const auto crl = theirs.substr(theirs.find("-----BEGIN X509 CRL-----"));
    for (const auto& end : {crl, crl.substr(0, crl.size() / 2), std::string("-----BEGIN X509 CRL-----\n")})
        BOOST_CHECK_THROW(Authority::from_text(without_crl(*made) + end), AuthorityError);
}

/// As versions before the lists made it: no list of the root's, and intermediates that may sign none.
BOOST_AUTO_TEST_CASE(an_older_authority_signs_leaves_that_name_no_list)
{
    const Validity validity{today - day, today + 300 * day};
    const auto root_key = make_key();
    const auto root = start_certificate(root_key.get(), "Paravent root", validity);
    add_extension(root.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(root.get(), NID_subject_key_identifier, "hash");
    sign(root.get(), root.get(), root_key.get());
    const auto intermediate = [&](const std::string& domain) {
        const auto key = make_key();
        const auto certificate = start_certificate(key.get(), "Paravent " + domain, validity);
        add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
        add_extension(certificate.get(), NID_key_usage, "critical,keyCertSign");
        add_constraint(certificate.get(), std::array{domain});
        add_extension(certificate.get(), NID_subject_key_identifier, "hash");
        add_extension(certificate.get(), NID_authority_key_identifier, "keyid:always", root.get());
        sign(certificate.get(), root.get(), root_key.get());
        const Bio bio{BIO_new(BIO_s_mem())};
        PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return pem_of(certificate.get()) + std::string(bytes_of(bio.get()));
    };
    const auto authority =
        Authority::from_text(pem_of(root.get()) + intermediate("facebook.com") + intermediate("paravent.local"));
    BOOST_TEST(authority.meta().crl == "");
    BOOST_TEST(authority.box().crl == "");
    BOOST_TEST(authority.root_crl() == nullptr);
    const auto leaf = make_leaf(authority, "www.facebook.com", today);
    BOOST_REQUIRE(leaf.has_value());
    BOOST_TEST(X509_get_ext_by_NID((*leaf)->certificate.get(), NID_crl_distribution_points, -1) == -1);
    BOOST_TEST(verdict_on((*leaf)->certificate.get(), (*leaf)->intermediate.get(), authority.root(), today) == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
