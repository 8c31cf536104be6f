// Lists by URL that the owner added: kept, checked, carried by a backup.
#include "policy_house.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent;

namespace {

config::List list(const std::string& name, const std::string& url = "https://lists.example/a.txt")
{
    config::List out;
    out.name = name;
    out.url = url;
    out.category = "ads";
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(subscriptions, House)

BOOST_AUTO_TEST_CASE(they_are_there_after_a_start)
{
    policy().subscribe(list("one"));
    auto insecure = list("two", "http://lists.example/b.txt");
    insecure.insecure = true;
    policy().subscribe(insecure);
    restart();
    const auto all = policy().subscriptions();
    BOOST_REQUIRE(all.size() == 2u);
    BOOST_TEST(all[0].name == "one");
    BOOST_TEST(all[0].url == "https://lists.example/a.txt");
    BOOST_TEST(all[0].category == "ads");
    BOOST_TEST(!all[0].insecure);
    BOOST_TEST(all[1].insecure);
    BOOST_TEST(policy().problem() == "");
}

BOOST_AUTO_TEST_CASE(one_that_goes_takes_its_switch_along)
{
    policy().subscribe(list("one"));
    policy().set_list_enabled("one", false);
    BOOST_TEST(policy().unsubscribe("one"));
    BOOST_TEST(!policy().unsubscribe("one"));
    BOOST_TEST(!policy().list_enabled("one").has_value());
    restart();
    BOOST_TEST(policy().subscriptions().empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_refused)
{
    policy().subscribe(list("one"));
    BOOST_CHECK_THROW(policy().subscribe(list("one")), policy::PolicyError);
    BOOST_CHECK_THROW(policy().subscribe(list("../up")), policy::PolicyError);
    BOOST_CHECK_THROW(policy().subscribe(list("meta")), policy::PolicyError);
    BOOST_CHECK_THROW(policy().subscribe(list("login")), policy::PolicyError);
    BOOST_CHECK_THROW(policy().subscribe(list("two", "http://lists.example/")), policy::PolicyError);
    BOOST_CHECK_THROW(policy().subscribe(list("two", "file:///etc/passwd")), policy::PolicyError);
    for (int i = 1; i < 100; ++i)
        policy().subscribe(list("list" + std::to_string(i)));
    BOOST_CHECK_THROW(policy().subscribe(list("many")), policy::PolicyError);
}

BOOST_AUTO_TEST_CASE(a_backup_has_them)
{
    policy().subscribe(list("one"));
    const auto text = policy().text();
    policy().unsubscribe("one");
    policy().subscribe(list("two"));
    policy().restore(text);
    BOOST_REQUIRE(policy().subscriptions().size() == 1u);
    BOOST_TEST(policy().subscriptions()[0].name == "one");
}

BOOST_AUTO_TEST_CASE(one_that_was_written_in_by_hand_and_is_none_is_left_out)
{
    policy().subscribe(list("good"));
    auto text = policy().text();
    stop();
    const auto at = text.find("https://lists");
    text.replace(at, 5, "ftp");
    std::filesystem::remove(file);
    write(file, text);
    BOOST_TEST(policy().subscriptions().empty());
    BOOST_TEST(policy().problem().find("subscriptions: url") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
