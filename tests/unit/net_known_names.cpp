#include "proxy/net/error.hpp"
#include "proxy/net/known_names.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace paravent;
using namespace std::chrono_literals;
using Miss = net::KnownNames::Miss;

namespace {

const net::Addresses at_server{net::asio::ip::make_address("192.0.2.1")};

/// A hosts file of the owner's with these lines.
class OwnHosts {
public:
    explicit OwnHosts(const std::string& lines)
    {
        std::string place = (std::filesystem::temp_directory_path() / "hosts-XXXXXX").string();
        ::close(::mkstemp(place.data()));
        path = place;
        std::ofstream(path) << lines;
    }
    ~OwnHosts() { std::filesystem::remove(path); }
    OwnHosts(const OwnHosts&) = delete;
    OwnHosts& operator=(const OwnHosts&) = delete;
    std::filesystem::path path;
};

} // namespace

BOOST_AUTO_TEST_CASE(the_owners_hosts_file_is_asked_before_anything_that_was_learned)
{
    const OwnHosts hosts("127.0.0.7 home.example\n");
    net::KnownNames names(hosts.path);
    for (const std::string name : {"home.example", "localhost", "shop.example"})
        names.learn(name, at_server, 1h);
    BOOST_TEST_REQUIRE(names.find("home.example"));
    BOOST_TEST(names.find("home.example")->front().to_string() == "127.0.0.7");
    BOOST_TEST(names.find("localhost")->front().is_loopback());
    BOOST_TEST(names.find("shop.example")->front().to_string() == "192.0.2.1");
    BOOST_TEST(!names.find("other.example"));
}

BOOST_AUTO_TEST_CASE(a_name_asked_for_in_vain_is_not_asked_for_again_at_once_unless_nobody_had_the_time)
{
    net::KnownNames names("");
    BOOST_TEST(!names.learned("shop.example"));
    BOOST_TEST(names.learn_nothing("shop.example", Miss::gone, net::Error::dns).has_error());
    BOOST_TEST_REQUIRE(names.learned("shop.example").has_value());
    BOOST_TEST(names.learned("shop.example")->has_error());
    BOOST_TEST(names.learn_nothing("other.example", Miss::interrupted, net::Error::timeout).has_error());
    BOOST_TEST(!names.learned("other.example"));
}

BOOST_AUTO_TEST_CASE(an_old_answer_is_good_again_where_nobody_answers_and_gone_where_somebody_denies_it)
{
    net::KnownNames names("");
    names.learn("shop.example", at_server, 1s);
    BOOST_TEST(names.has_stale("shop.example"));
    BOOST_TEST(names.learn_nothing("shop.example", Miss::unanswered, net::Error::timeout).has_value());
    BOOST_TEST(names.learn_nothing("shop.example", Miss::gone, net::Error::dns).has_error());
    BOOST_TEST(!names.has_stale("shop.example"));
}

BOOST_AUTO_TEST_CASE(another_hosts_file_forgets_what_was_learned)
{
    net::KnownNames names("");
    names.learn("shop.example", at_server, 1h);
    const OwnHosts hosts("127.0.0.7 home.example\n");
    names.configure(hosts.path);
    BOOST_TEST(!names.find("shop.example"));
    BOOST_TEST(names.find("home.example"));
}
