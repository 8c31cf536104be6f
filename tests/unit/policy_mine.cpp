// "Was that mine?": the file that keeps marks and key, and how they come into force.
#include "tests/unit/policy_house.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace paravent::policy;
using paravent::activity::Mine;
using paravent::activity::Own;

namespace {

// sha256("anna@mail.example")
const std::string hash = "bad1a83aa90de143ce99b42516bc8d09c6ccd33b828dff1061b6c21fce682851";

bool says_mine(Policy& policy)
{
    const auto client = policy.view()->client("192.168.1.20");
    return client && client->mine && client->mine->matches("em", hash);
}

/// A house with one device, known already.
struct Household : House {
    Household() { policy().meet("192.168.1.20"); }
    std::filesystem::path marks = state / "mine.json";
};

} // namespace

BOOST_AUTO_TEST_SUITE(what_is_the_owners_own)

BOOST_AUTO_TEST_CASE(off_until_something_is_given_and_off_again_without_a_trace)
{
    Household home;
    BOOST_TEST(!home.policy().mine());
    BOOST_TEST(!std::filesystem::exists(home.marks));
    BOOST_TEST(home.policy().add_mine(Own::em, "Anna@Mail.example\n"));
    BOOST_TEST(says_mine(home.policy())); // at once
    BOOST_TEST(!home.policy().add_mine(Own::em, "anna@mail.example"));
    BOOST_TEST(home.policy().remove_mine(Own::em, "ANNA@mail.example"));
    BOOST_TEST(!says_mine(home.policy()));
    BOOST_TEST(!home.policy().mine());
    BOOST_TEST(!home.policy().remove_mine(Own::em, "anna@mail.example"));
    home.stop();
    for (const auto& entry : std::filesystem::directory_iterator(home.state))
        BOOST_TEST(!entry.path().filename().string().starts_with("mine"));
}

BOOST_AUTO_TEST_CASE(the_file_holds_marks_under_a_key_of_the_install_for_its_user_alone)
{
    Household home, other;
    for (auto* one : {&home, &other}) {
        one->policy().add_mine(Own::em, "anna@mail.example");
        one->policy().add_mine(Own::ph, "+49 170 1234567");
        struct stat status{};
        BOOST_REQUIRE(::stat(one->marks.c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 0777) == 0600);
        const auto text = read(one->marks);
        for (const auto& secret : {std::string("anna"), std::string("1701234567"), hash, hash.substr(0, 16)})
            BOOST_TEST(text.find(secret) == std::string::npos);
        BOOST_TEST(one->policy().text().find("mine") == std::string::npos); // what a backup has
    }
    BOOST_TEST((home.policy().mine()->marks(Own::em) != other.policy().mine()->marks(Own::em)));
    home.restart();
    home.policy().meet("192.168.1.20");
    BOOST_TEST(says_mine(home.policy()));
    BOOST_TEST(home.policy().mine()->marks(Own::ph).size() == 1u);
    BOOST_TEST(home.policy().problem() == "");
}

BOOST_AUTO_TEST_CASE(all_of_a_kind_or_all_go_at_once)
{
    Household home;
    for (const auto* address : {"a@mail.example", "b@mail.example"})
        home.policy().add_mine(Own::em, address);
    home.policy().add_mine(Own::ph, "+491701234567");
    BOOST_TEST(home.policy().remove_mine(Own::em) == 2u);
    BOOST_TEST(home.policy().remove_mine(Own::em) == 0u);
    BOOST_TEST(std::filesystem::exists(home.marks));
    BOOST_TEST(home.policy().remove_mine(std::nullopt) == 1u);
    BOOST_TEST(!std::filesystem::exists(home.marks));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_taken_changes_nothing_and_is_not_repeated)
{
    Household home;
    for (const auto* wrong : {"", "anna.mail.example", "anna@mail.example ben@mail.example"})
        BOOST_CHECK_EXCEPTION(home.policy().add_mine(Own::em, wrong), PolicyError, [](const PolicyError& error) {
            return std::string(error.what()).find("anna") == std::string::npos;
        });
    BOOST_CHECK_THROW(home.policy().add_mine(Own::ph, "0170 1234567"), PolicyError);
    BOOST_CHECK_THROW(home.policy().remove_mine(Own::ph, "x"), PolicyError);
    BOOST_TEST(!home.policy().mine());
    for (std::size_t n = 0; n < Mine::most; ++n)
        home.policy().add_mine(Own::em, std::to_string(n) + "@mail.example");
    BOOST_CHECK_THROW(home.policy().add_mine(Own::em, "anna@mail.example"), PolicyError);
    BOOST_TEST(!home.policy().add_mine(Own::em, "0@mail.example")); // that one is there
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_in_order_is_said_and_replaced_by_the_next_value)
{
    Household home;
    home.policy().add_mine(Own::em, "anna@mail.example");
    const auto good = read(home.marks);
    auto twice = good;
    twice.insert(twice.find("\"em\":[") + 6, good.substr(good.find("\"em\":[") + 6, 66) + ",");
    for (const auto& text : {std::string{}, std::string("{}"), good.substr(0, good.size() / 2), twice,
                             std::string(70'000, ' '), std::string(R"({"format":2,"key":"","em":[],"ph":[]})")}) {
        home.stop();
        write(home.marks, text);
        home.start();
        BOOST_TEST(!home.policy().mine());
        BOOST_TEST(home.policy().problem().find("mine.json") != std::string::npos);
    }
    BOOST_TEST(home.policy().add_mine(Own::em, "anna@mail.example"));
    BOOST_TEST(home.policy().problem() == "");
    write(home.marks, "{");
    home.restart();
    home.policy().remove_mine(std::nullopt);
    BOOST_TEST(!std::filesystem::exists(home.marks));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_not_in_force)
{
    Household home;
    std::filesystem::create_directory(home.marks); // in the file's place
    BOOST_CHECK_THROW(home.policy().add_mine(Own::em, "anna@mail.example"), std::runtime_error);
    BOOST_TEST(!home.policy().mine());
}

BOOST_AUTO_TEST_SUITE_END()
