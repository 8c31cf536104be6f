#include "tests/unit/tls_home.hpp"

#include "proxy/activity/event.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace paravent;
using namespace paravent::tls;
namespace fs = std::filesystem;
namespace data = boost::unit_test::data;

namespace {

mode_t mode_of(const fs::path& path)
{
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

std::string text_of(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A leaf signed with an intermediate's key, as a thief would: whatever names and purposes, `names` as
/// x509v3_config(5) has them.
Certificate stolen(const Issuer& issuer, const std::string& names, const char* purpose = "serverAuth",
                   std::string_view subject = {})
{
    const auto key = make_key();
    auto leaf = start_certificate(key.get(), subject, {today - day, today + 30 * day});
    add_extension(leaf.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf.get(), NID_ext_key_usage, purpose);
    add_extension(leaf.get(), NID_subject_alt_name, names.c_str());
    add_extension(leaf.get(), NID_subject_key_identifier, "hash");
    add_extension(leaf.get(), NID_authority_key_identifier, "keyid:always", issuer.certificate.get());
    sign(leaf.get(), issuer.certificate.get(), issuer.key.get());
    return leaf;
}

std::string verdict_on_stolen(const Authority& authority, const Issuer& issuer, const Certificate& leaf,
                              int purpose = X509_PURPOSE_SSL_SERVER)
{
    return verdict_on(leaf.get(), issuer.certificate.get(), authority.root(), today, purpose);
}

int passphrase(char* to, int size, int, void* text)
{
    const auto* phrase = static_cast<const std::string*>(text);
    return static_cast<int>(phrase->copy(to, static_cast<std::size_t>(size)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(authority)

BOOST_AUTO_TEST_CASE(two_homes_have_different_keys)
{
    const Founding a(box_names, today), b(box_names, today);
    const auto differ = [](EVP_PKEY* x, EVP_PKEY* y) { return EVP_PKEY_eq(x, y) != 1; };
    BOOST_TEST(differ(a.root_key.get(), b.root_key.get()));
    BOOST_TEST(differ(a.authority->meta().key.get(), b.authority->meta().key.get()));
    BOOST_TEST(differ(a.authority->box().key.get(), b.authority->box().key.get()));
    BOOST_TEST(differ(a.authority->meta().key.get(), a.authority->box().key.get()));
    BOOST_TEST(differ(a.authority->meta().key.get(), a.root_key.get()));
    BOOST_TEST(a.authority->id() != b.authority->id());
    BOOST_TEST(a.authority->name() != b.authority->name());
    BOOST_TEST(a.authority->name().starts_with("Paravent"));
    char group[32]{};
    EVP_PKEY_get_group_name(a.root_key.get(), group, sizeof group, nullptr);
    BOOST_TEST(std::string(group) == "prime256v1");
}

BOOST_AUTO_TEST_CASE(it_signs_for_metas_hosts_and_the_box_and_nothing_else)
{
    const auto made = an_authority();
    BOOST_TEST(made->issuer_for("www.facebook.com") == &made->meta());
    BOOST_TEST(made->issuer_for("facebook.com") == &made->meta());
    BOOST_TEST(made->issuer_for("paravent.local") == &made->box());
    for (const char* host : {"bank.example", "notfacebook.com", "com", "", "192.168.1.1", "local", "facebook.com.evil"})
        BOOST_TEST(made->issuer_for(host) == nullptr);
    for (const auto domain : activity::meta_domains())
        BOOST_TEST(made->issuer_for(domain) == &made->meta());
}

BOOST_AUTO_TEST_CASE(a_stolen_key_cannot_speak_for_a_bank)
{
    const auto made = an_authority();
    const auto* violation = "permitted subtree violation";
    const auto verdict = [&](const Issuer& issuer, const std::string& names) {
        return verdict_on_stolen(*made, issuer, stolen(issuer, names));
    };
    BOOST_TEST(verdict(made->meta(), "critical,DNS:www.facebook.com") == "ok"); // else the rest says nothing
    BOOST_TEST(verdict(made->box(), "critical,DNS:paravent.local") == "ok");
    for (const char* name : {"critical,DNS:www.bank.example", "critical,DNS:*.com", "critical,DNS:facebook.com.evil",
                             "critical,DNS:www.facebook.com,DNS:www.bank.example", "critical,DNS:notfacebook.com",
                             "critical,email:me@bank.example", "critical,URI:https://www.bank.example/"}) {
        BOOST_TEST(verdict(made->meta(), name) == violation, name);
        BOOST_TEST(verdict(made->box(), name) == violation, name);
    }
    BOOST_TEST(verdict(made->box(), "critical,DNS:www.facebook.com") == violation);
    BOOST_TEST(verdict(made->meta(), "critical,DNS:paravent.local") == violation);
    for (const char* address : {"IP:192.168.1.1", "IP:9.9.9.9", "IP:0.0.0.0", "IP:2620:fe::fe", "IP:::1"})
        for (const auto* issuer : {&made->meta(), &made->box()})
            BOOST_TEST(verdict(*issuer, "critical,DNS:www.facebook.com," + std::string(address)) != "ok", address);
    BOOST_TEST(verdict(made->meta(), "critical,IP:9.9.9.9") == "excluded subtree violation");
    BOOST_TEST(verdict(made->meta(), "critical,IP:2620:fe::fe") == "excluded subtree violation");
}

BOOST_AUTO_TEST_CASE(a_stolen_key_signs_for_servers_alone)
{
    const auto made = an_authority();
    const auto verdict = [&](const char* purpose, int checked) {
        const auto leaf = stolen(made->meta(), "critical,DNS:www.facebook.com", purpose);
        return verdict_on_stolen(*made, made->meta(), leaf, checked);
    };
    BOOST_TEST(verdict("serverAuth", X509_PURPOSE_SSL_SERVER) == "ok");
    for (const char* purpose : {"clientAuth", "emailProtection", "codeSigning", "anyExtendedKeyUsage"})
        for (const int checked : {X509_PURPOSE_SSL_CLIENT, X509_PURPOSE_SMIME_SIGN, X509_PURPOSE_TIMESTAMP_SIGN})
            BOOST_TEST(verdict(purpose, checked) != "ok");
}

BOOST_AUTO_TEST_CASE(a_stolen_key_makes_no_further_authority)
{
    const auto made = an_authority();
    const auto key = make_key();
    auto below = start_certificate(key.get(), "below", {today - day, today + day});
    add_extension(below.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(below.get(), NID_key_usage, "critical,keyCertSign");
    sign(below.get(), made->meta().certificate.get(), made->meta().key.get());
    auto leaf = start_certificate(make_key().get(), {}, {today - day, today + day});
    add_extension(leaf.get(), NID_subject_alt_name, "critical,DNS:www.facebook.com");
    sign(leaf.get(), below.get(), key.get());

    const std::unique_ptr<X509_STORE, Release<X509_STORE_free>> store{X509_STORE_new()};
    X509_STORE_add_cert(store.get(), made->root());
    X509_STORE_add_cert(store.get(), made->meta().certificate.get());
    auto* untrusted = sk_X509_new_null();
    sk_X509_push(untrusted, below.get());
    const std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>> context{X509_STORE_CTX_new()};
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), untrusted);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), today);
    BOOST_TEST(X509_verify_cert(context.get()) != 1);
    BOOST_TEST(X509_STORE_CTX_get_error(context.get()) == X509_V_ERR_PATH_LENGTH_EXCEEDED);
    sk_X509_free(untrusted);
}

BOOST_DATA_TEST_CASE(the_box_has_names_of_its_own,
                     data::make({"com", "co.uk", "local", "192.168.1.2", "::1", "", "a b", "Paravent.local",
                                 "github.io", "paravent.local."}),
                     name)
{
    const std::vector<std::string> names{"paravent.local", name};
    BOOST_CHECK_THROW(Founding(names, today), AuthorityError);
}

BOOST_AUTO_TEST_CASE(a_box_without_a_name_gets_no_authority)
{
    BOOST_CHECK_THROW(Founding({}, today), AuthorityError);
    const std::vector<std::string> names{"paravent", "box.home.arpa", "screen.fritz.box", "home.smith.example"};
    const Founding founding(names, today);
    for (const auto& name : names)
        BOOST_TEST(founding.authority->issuer_for(name) == &founding.authority->box());
}

BOOST_AUTO_TEST_CASE(nothing_is_founded_before_the_day_of_the_build)
{
    BOOST_CHECK_THROW(an_authority(built_at() - 1), AuthorityError);
    BOOST_CHECK_THROW(an_authority(0), AuthorityError);
    BOOST_CHECK_NO_THROW(an_authority(built_at()));
}

BOOST_AUTO_TEST_CASE(expiry_is_announced_90_and_30_days_ahead)
{
    const auto made = an_authority();
    const auto notice = [&](Seconds days_before) {
        return made->validity_notice(made->not_after() - days_before * day);
    };
    BOOST_TEST(notice(365) == "");
    BOOST_TEST(notice(91) == "");
    BOOST_TEST(notice(90).find("in 90 days") != std::string::npos);
    BOOST_TEST(notice(31).find("in 31 days") != std::string::npos);
    BOOST_TEST(notice(30).find("make a second one now") != std::string::npos);
    BOOST_TEST(notice(1).find("in 1 day:") != std::string::npos);
    BOOST_TEST(notice(0).find("has expired") != std::string::npos);
    BOOST_TEST(made->validity_notice(0) == ""); // a clock like that has no opinion
}

BOOST_AUTO_TEST_CASE(one_that_a_fast_clock_made_is_not_valid_before_its_day)
{
    const auto made = an_authority();
    const auto begin = made->created() - 2 * day; // backdated, for clocks that differ a little
    BOOST_TEST(made->is_valid(begin));
    BOOST_TEST(made->is_valid(made->not_after() - 1));
    BOOST_TEST(!made->is_valid(made->not_after()));
    BOOST_TEST(!made->is_valid(begin - 1));
    BOOST_TEST(made->validity_notice(begin) == "");
    BOOST_TEST(made->validity_notice(begin - 1).find("is not valid yet") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_are_the_owners_alone_and_hold_two_keys)
{
    const StateFolder state;
    const auto made = create_authority(state.path(), box_names, today);
    BOOST_TEST(mode_of(state.path() / "authority") == 0700U);
    BOOST_TEST(mode_of(state.path() / "authority/1.pem") == 0600U);
    const auto text = text_of(state.path() / "authority/1.pem");
    std::size_t keys = 0;
    const auto bio = reading_from(text);
    STACK_OF(X509_INFO)* parts = PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr);
    for (int i = 0; i < sk_X509_INFO_num(parts); ++i)
        if (const auto* part = sk_X509_INFO_value(parts, i); part->x_pkey != nullptr) {
            ++keys;
            BOOST_TEST(EVP_PKEY_eq(part->x_pkey->dec_pkey, X509_get0_pubkey(made->root())) != 1);
        }
    sk_X509_INFO_pop_free(parts, X509_INFO_free);
    BOOST_TEST(keys == 2U);
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_again)
{
    const StateFolder state;
    BOOST_TEST(load_authorities(state.path()).authorities.empty());
    const auto made = create_authority(state.path(), box_names, today);
    const auto loaded = load_authorities(state.path());
    BOOST_TEST(loaded.problems.empty());
    BOOST_REQUIRE(loaded.authorities.size() == 1U);
    const auto& read = *loaded.authorities.front();
    BOOST_TEST(read.fingerprint() == made->fingerprint());
    BOOST_TEST(read.created() == made->created());
    BOOST_TEST(read.created() == today);
    BOOST_TEST(read.not_after() == made->not_after());
    BOOST_TEST(read.meta().domains == made->meta().domains);
    BOOST_TEST(read.box().domains == box_names);
    const auto leaf = make_leaf(read, "www.facebook.com", today);
    BOOST_REQUIRE(leaf.has_value());
    BOOST_TEST(verdict_on((*leaf)->certificate.get(), (*leaf)->intermediate.get(), made->root(), today) == "ok");
}

BOOST_AUTO_TEST_CASE(there_is_one_authority_then_a_second_and_no_third)
{
    const StateFolder state;
    BOOST_CHECK_THROW(renew_authority(state.path(), box_names, today), AuthorityError);
    const auto first = create_authority(state.path(), box_names, today);
    BOOST_CHECK_THROW(create_authority(state.path(), box_names, today), AuthorityError);
    const auto second = renew_authority(state.path(), box_names, today);
    BOOST_CHECK_THROW(renew_authority(state.path(), box_names, today), AuthorityError);
    const auto loaded = load_authorities(state.path()).authorities;
    BOOST_REQUIRE(loaded.size() == 2U);
    BOOST_TEST(loaded[0]->id() == second->id()); // the newest first
    BOOST_TEST(loaded[1]->id() == first->id());

    BOOST_TEST(remove_authorities(state.path(), first->fingerprint().substr(0, 8)) == std::vector{first->name()},
               boost::test_tools::per_element());
    BOOST_TEST(load_authorities(state.path()).authorities.front()->id() == second->id());
    BOOST_TEST(renew_authority(state.path(), box_names, today)->id() != second->id());
    BOOST_TEST(remove_authorities(state.path()).size() == 2U);
    BOOST_TEST(!fs::exists(state.path() / "authority"));
    BOOST_TEST(remove_authorities(state.path()).empty());
    BOOST_CHECK_NO_THROW(create_authority(state.path(), box_names, today));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_in_order_is_named_and_left_alone)
{
    const StateFolder state;
    create_authority(state.path(), box_names, today);
    const auto file = state.path() / "authority/1.pem";
    const auto good = text_of(file);
    const auto other = an_authority()->text();
    const auto second_key = good.find("-----BEGIN PRIVATE KEY", good.find("-----END PRIVATE KEY"));
    for (const auto& text : {std::string{}, good.substr(0, good.size() / 2), "x" + good.substr(40),
                             good.substr(0, second_key), std::string(70'000, '\n'),
                             good.substr(0, good.find("-----BEGIN", 10)) + // another root's intermediates
                                 std::string(bytes_of(other.get())).substr(good.find("-----BEGIN", 10))}) {
        std::ofstream(file, std::ios::binary) << text;
        const auto loaded = load_authorities(state.path());
        BOOST_TEST(loaded.authorities.empty());
        BOOST_REQUIRE(loaded.problems.size() == 1U);
        BOOST_TEST(loaded.problems.front().find("1.pem") != std::string::npos);
        BOOST_TEST(text_of(file) == text);
    }
    std::ofstream(file, std::ios::binary) << good;
    BOOST_TEST(load_authorities(state.path()).authorities.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_owner_may_keep_the_roots_key_under_a_passphrase)
{
    const StateFolder state;
    std::string kept;
    std::string phrase = "correct horse";
    const auto made =
        create_authority(state.path(), box_names, today, [&](EVP_PKEY* key) { kept = encrypted_key(key, phrase); });
    BOOST_TEST(kept.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    const auto read = [&](std::string with) {
        const auto bio = reading_from(kept);
        return Key{PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase, &with)};
    };
    BOOST_TEST(read("wrong") == nullptr);
    const auto key = read(phrase);
    BOOST_REQUIRE(key != nullptr);
    BOOST_TEST(EVP_PKEY_eq(key.get(), X509_get0_pubkey(made->root())) == 1);
}

BOOST_AUTO_TEST_CASE(nothing_is_written_where_the_roots_key_could_not_be_kept)
{
    const StateFolder state;
    const auto fails = [](EVP_PKEY*) { throw AuthorityError("the disk is full"); };
    BOOST_CHECK_THROW(create_authority(state.path(), box_names, today, fails), AuthorityError);
    BOOST_TEST(load_authorities(state.path()).authorities.empty());
    BOOST_CHECK_NO_THROW(create_authority(state.path(), box_names, today));
}

BOOST_AUTO_TEST_SUITE_END()
