#include "proxy/tls/own_certificate.hpp"
#include "tests/unit/tls_play.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace paravent::tls;

namespace {

using Texts = std::vector<std::string>;

struct Box {
    StateFolder folder;
    std::filesystem::path file = folder.path() / "box.pem";

    /// The certificate that a client is shown; null where it gets no session.
    static Certificate shown(OwnCertificate& own, const Texts& names, const Texts& addresses, Seconds now = today)
    {
        Wire wire;
        const auto session = own.session(names, addresses, wire.server, now);
        return session ? share(SSL_get_certificate((*session)->ssl())) : nullptr;
    }
    /// The same after a start.
    Certificate shown(const Texts& addresses = {"192.168.1.2"}, Seconds now = today) const
    {
        OwnCertificate own(file);
        return shown(own, box_names, addresses, now);
    }
};

bool is_for(const Certificate& certificate, const char* address)
{
    return X509_check_ip_asc(certificate.get(), address, 0) == 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(own_certificate)

BOOST_AUTO_TEST_CASE(it_is_for_the_boxs_names_and_addresses_and_signed_by_itself)
{
    const Box box;
    const auto made = box.shown({"192.168.1.2", "fd00::2"});
    BOOST_REQUIRE(made != nullptr);
    BOOST_TEST(X509_check_host(made.get(), "paravent.local", 0, 0, nullptr) == 1);
    BOOST_TEST(X509_check_host(made.get(), "www.facebook.com", 0, 0, nullptr) != 1);
    BOOST_TEST(is_for(made, "192.168.1.2"));
    BOOST_TEST(is_for(made, "fd00::2"));
    BOOST_TEST(!is_for(made, "192.168.1.3"));
    BOOST_TEST(X509_verify(made.get(), X509_get0_pubkey(made.get())) == 1);
    BOOST_TEST(X509_check_ca(made.get()) == 0);
    const auto validity = validity_of(made.get());
    BOOST_TEST(validity.from == today - 2 * day);
    BOOST_TEST(validity.to - validity.from + 1 == 398 * day);
    struct stat status{};
    BOOST_TEST(::stat(box.file.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(it_stays_the_same_until_30_days_before_its_end)
{
    const Box box;
    const auto first = box.shown();
    const auto same = [&](const Certificate& other) {
        return fingerprint_of(other.get()) == fingerprint_of(first.get());
    };
    BOOST_TEST(same(box.shown()));
    BOOST_TEST(same(box.shown({})));
    const auto end = validity_of(first.get()).to;
    BOOST_TEST(same(box.shown({"192.168.1.2"}, end - 31 * day)));
    BOOST_TEST(!same(box.shown({"192.168.1.2"}, end - 30 * day)));
    OwnCertificate own(box.file);
    BOOST_TEST(!same(Box::shown(own, {"paravent.local", "box.home.arpa"}, {})));
}

BOOST_AUTO_TEST_CASE(a_new_address_comes_beside_those_before)
{
    const Box box;
    box.shown({"192.168.1.2"});
    const auto both = box.shown({"10.0.0.2"});
    BOOST_TEST(is_for(both, "192.168.1.2"));
    BOOST_TEST(is_for(both, "10.0.0.2"));
    for (int i = 0; i < 40; ++i)
        BOOST_TEST(is_for(box.shown({"fd00::" + std::to_string(i)}), ("fd00::" + std::to_string(i)).c_str()));
}

BOOST_AUTO_TEST_CASE(before_the_day_of_the_build_none_is_made_and_an_old_one_is_good)
{
    const Box box;
    BOOST_TEST(box.shown({"192.168.1.2"}, 0) == nullptr);
    BOOST_TEST(!OwnCertificate(box.file).is_there(0));
    BOOST_TEST(!std::filesystem::exists(box.file));
    const auto made = box.shown();
    BOOST_TEST(OwnCertificate(box.file).is_there(0));
    const auto early = box.shown({"10.0.0.2"}, 0); // whatever it lacks
    BOOST_REQUIRE(early != nullptr);
    BOOST_TEST(fingerprint_of(early.get()) == fingerprint_of(made.get()));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_in_order_is_written_anew)
{
    const Box box;
    const auto first = box.shown();
    std::ifstream in(box.file);
    const std::string good{std::istreambuf_iterator<char>(in), {}};
    for (const auto& text :
         {std::string{}, std::string("rubbish"), good.substr(0, good.size() / 2), pem_of(first.get()),
          pem_of(first.get()) + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        std::ofstream(box.file) << text;
        const auto made = box.shown();
        BOOST_REQUIRE(made != nullptr);
        BOOST_TEST(fingerprint_of(box.shown().get()) == fingerprint_of(made.get()));
    }
}

BOOST_AUTO_TEST_CASE(where_it_cannot_be_written_it_serves_until_the_next_start)
{
    OwnCertificate own("/nowhere/box.pem");
    const auto first = Box::shown(own, box_names, {}), second = Box::shown(own, box_names, {});
    BOOST_REQUIRE((first != nullptr && second != nullptr));
    BOOST_TEST(fingerprint_of(first.get()) == fingerprint_of(second.get()));
}

BOOST_AUTO_TEST_SUITE_END()
