#include "tests/unit/tls_home.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/bn.h>

#include <set>
#include <thread>

using namespace paravent::tls;

namespace {

/// The bytes of an extension's value and whether it is critical; empty where there is none.
std::pair<std::string, bool> extension_of(X509* certificate, int nid)
{
    const int at = X509_get_ext_by_NID(certificate, nid, -1);
    if (at < 0)
        return {};
    auto* extension = X509_get_ext(certificate, at);
    const Bio bio{BIO_new(BIO_s_mem())};
    X509V3_EXT_print(bio.get(), extension, 0, 0);
    return {std::string(bytes_of(bio.get())), X509_EXTENSION_get_critical(extension) == 1};
}

std::string serial_of(X509* certificate)
{
    BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
    char* hex = BN_bn2hex(number);
    std::string text = hex;
    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

std::shared_ptr<const Leaf> a_leaf(const Authority& authority, const std::string& host = "www.facebook.com",
                                   Seconds now = today)
{
    const auto leaf = make_leaf(authority, host, now);
    BOOST_REQUIRE(leaf.has_value());
    return *leaf;
}

} // namespace

BOOST_AUTO_TEST_SUITE(leaf)

BOOST_AUTO_TEST_CASE(a_leaf_says_one_host_and_nothing_more)
{
    const auto authority = an_authority();
    const auto made = a_leaf(*authority);
    auto* certificate = made->certificate.get();
    BOOST_TEST(X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0);
    const auto has = [&](int nid, const std::string& text, bool critical) {
        const auto [value, is_critical] = extension_of(certificate, nid);
        BOOST_TEST(value == text);
        BOOST_TEST(is_critical == critical);
    };
    has(NID_subject_alt_name, "DNS:www.facebook.com", true);
    has(NID_ext_key_usage, "TLS Web Server Authentication", false);
    has(NID_key_usage, "Digital Signature", true);
    has(NID_basic_constraints, "CA:FALSE", true);
    BOOST_TEST(X509_get0_authority_key_id(certificate) != nullptr);
    BOOST_TEST(X509_get0_subject_key_id(certificate) != nullptr);
    BOOST_TEST(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(certificate),
                                     X509_get0_subject_key_id(made->intermediate.get())) == 0);
    const auto [address, critical] = extension_of(certificate, NID_crl_distribution_points);
    BOOST_TEST(address.find("URI:http://paravent.local/authority/" + authority->id() + "/meta.crl") !=
               std::string::npos);
    BOOST_TEST(!critical);
    BOOST_TEST(X509_get_ext_count(certificate) == 7);
    BOOST_TEST(X509_get_version(certificate) == X509_VERSION_3);
    BOOST_TEST(X509_get_signature_nid(certificate) == NID_ecdsa_with_SHA256);
}

BOOST_AUTO_TEST_CASE(a_leaf_and_its_chain_are_accepted_by_the_strictest_check)
{
    const auto authority = an_authority();
    for (const char* host : {"www.facebook.com", "connect.facebook.net", "paravent.local"})
        for (const Seconds now : {today, today - 2 * day + 1, today + 80 * day}) {
            const auto made = a_leaf(*authority, host);
            BOOST_TEST(verdict_on(made->certificate.get(), made->intermediate.get(), authority->root(), now) == "ok");
        }
}

BOOST_AUTO_TEST_CASE(a_leaf_lives_90_days_at_most_and_began_two_days_ago)
{
    const auto authority = an_authority(today - 100 * day);
    const auto made = a_leaf(*authority);
    BOOST_TEST(made->not_before == today - 2 * day);
    BOOST_TEST(made->not_after - made->not_before + 1 <= 90 * day);
    BOOST_TEST(made->not_after - today > 80 * day);
    const auto said = validity_of(made->certificate.get());
    BOOST_TEST(said.from == made->not_before);
    BOOST_TEST(said.to == made->not_after);
}

BOOST_AUTO_TEST_CASE(a_leaf_neither_begins_before_its_authority_nor_outlives_it)
{
    const auto authority = an_authority();
    const auto from = validity_of(authority->meta().certificate.get()).from;
    BOOST_TEST(a_leaf(*authority)->not_before >= from);
    BOOST_TEST(a_leaf(*authority, "www.facebook.com", from + day)->not_before == from);
    const auto last = a_leaf(*authority, "www.facebook.com", authority->not_after() - day);
    BOOST_TEST(last->not_after == authority->not_after());
}

BOOST_AUTO_TEST_CASE(no_leaf_is_made_for_a_name_or_a_day_that_is_not_the_authoritys)
{
    const auto authority = an_authority();
    BOOST_TEST((make_leaf(*authority, "bank.example", today).error() == Error::outside_names));
    BOOST_TEST((make_leaf(*authority, "192.168.1.1", today).error() == Error::outside_names));
    BOOST_TEST((make_leaf(*authority, "www.facebook.com", authority->not_after() + 1).error() == Error::not_valid_now));
    BOOST_TEST((make_leaf(*authority, "www.facebook.com", today - 3 * day).error() == Error::not_valid_now));
}

BOOST_AUTO_TEST_CASE(nothing_is_minted_before_the_day_of_the_build)
{
    const auto authority = an_authority(built_at());
    LeafCache cache;
    BOOST_TEST(cache.leaf(*authority, "www.facebook.com", today).has_value()); // also none that is there already
    for (const Seconds now : {Seconds{0}, built_at() - 1}) {
        BOOST_TEST((make_leaf(*authority, "www.facebook.com", now).error() == Error::clock_before_build));
        BOOST_TEST((cache.leaf(*authority, "www.facebook.com", now).error() == Error::clock_before_build));
    }
    BOOST_TEST(cache.leaf(*authority, "www.facebook.com", built_at()).has_value()); // it heals by itself
}

BOOST_AUTO_TEST_CASE(serials_and_keys_are_never_used_twice)
{
    const auto authority = an_authority();
    std::set<std::string> serials;
    std::shared_ptr<const Leaf> before;
    std::size_t longest = 0;
    for (int i = 0; i < 40; ++i) {
        const auto made = a_leaf(*authority);
        const auto serial = serial_of(made->certificate.get());
        BOOST_TEST(serials.insert(serial).second);
        BOOST_TEST(serial.front() != '-');
        BOOST_TEST(serial.size() <= 32U);
        longest = std::max(longest, serial.size());
        if (before)
            BOOST_TEST(EVP_PKEY_eq(made->key.get(), before->key.get()) != 1);
        BOOST_TEST(X509_check_private_key(made->certificate.get(), made->key.get()) == 1);
        before = made;
    }
    BOOST_TEST(longest == 32U); // 128 bits
}

BOOST_AUTO_TEST_CASE(a_leaf_is_made_once_for_an_authority_and_host)
{
    const auto a = an_authority(), b = an_authority();
    LeafCache cache;
    const auto leaf = [&](const Authority& of, const char* host, Seconds now = today) {
        return cache.leaf(of, host, now).value();
    };
    const auto first = leaf(*a, "www.facebook.com");
    BOOST_TEST(leaf(*a, "www.facebook.com") == first);
    BOOST_TEST(leaf(*a, "www.instagram.com") != first);
    BOOST_TEST(leaf(*b, "www.facebook.com") != first);
    BOOST_TEST(leaf(*a, "www.facebook.com", first->not_after - 8 * day) == first);
    const auto renewed = leaf(*a, "www.facebook.com", first->not_after - 6 * day);
    BOOST_TEST(renewed != first);
    // The clock was set back: what is valid from a later day on is no use.
    BOOST_TEST(leaf(*a, "www.facebook.com") != renewed);
    cache.forget_all();
    BOOST_TEST(cache.size() == 0U);
}

BOOST_AUTO_TEST_CASE(the_cache_is_bounded_and_drops_what_was_not_used_for_longest)
{
    const auto authority = an_authority();
    LeafCache cache(3);
    const auto leaf = [&](const std::string& host) { return cache.leaf(*authority, host, today).value(); };
    const auto a = leaf("a.facebook.com"), b = leaf("b.facebook.com");
    leaf("c.facebook.com");
    BOOST_TEST(leaf("a.facebook.com") == a);
    leaf("d.facebook.com");
    BOOST_TEST(cache.size() == 3U);
    BOOST_TEST(leaf("a.facebook.com") == a);
    BOOST_TEST(leaf("b.facebook.com") != b);
}

BOOST_AUTO_TEST_CASE(workers_share_the_cache)
{
    const auto authority = an_authority();
    LeafCache cache(8);
    std::vector<std::jthread> workers;
    std::atomic<int> bad = 0;
    for (int worker = 0; worker < 4; ++worker)
        workers.emplace_back([&, worker] {
            for (int i = 0; i < 50; ++i) {
                const auto host = std::to_string((i + worker) % 12) + ".facebook.com";
                const auto made = cache.leaf(*authority, host, today);
                bad += !made || (*made)->host != host;
            }
        });
    workers.clear();
    BOOST_TEST(bad == 0);
    BOOST_TEST(cache.size() <= 8U);
}

BOOST_AUTO_TEST_SUITE_END()
