// What the owner says of the whole home.
#include "policy_house.hpp"

#include <chrono>
#include <fstream>

#include <boost/test/unit_test.hpp>

using namespace paravent;
using namespace paravent::policy;

namespace {

std::int64_t in_an_hour()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
               .count() +
           3'600'000;
}

} // namespace

BOOST_AUTO_TEST_SUITE(home)

BOOST_FIXTURE_TEST_CASE(the_owners_answers_win_over_the_file_and_outlive_the_program, House)
{
    settings.profile = Profile::log;
    settings.devices.push_back(entry("tv", "192.168.1.30", "", Profile::off));
    HomeChange change;
    change.profile = Profile::strict;
    change.privacy = Privacy::counters;
    change.retention = config::Duration{std::chrono::days{7}};
    change.language = "fr";
    change.guests_may_ask = true;
    policy().change_home(change);
    for (int life = 0; life < 2; ++life) {
        const auto device = policy().meet("192.168.1.20")->device;
        BOOST_TEST((device.profile == Profile::strict));
        BOOST_TEST((device.privacy == Privacy::counters));
        BOOST_TEST((policy().meet("192.168.1.30")->device.profile == Profile::off)); // what is said of it wins
        BOOST_TEST((policy().home().retention == config::Duration{std::chrono::days{7}}));
        BOOST_TEST(policy().home().language == "fr");
        BOOST_TEST(policy().home().guests_may_ask);
        stop();
    }
    HomeChange back;
    back.profile.emplace();
    back.language.emplace();
    policy().change_home(back);
    BOOST_TEST((policy().meet("192.168.1.20")->device.profile == Profile::log));
    BOOST_TEST((policy().meet("192.168.1.20")->device.privacy == Privacy::counters));
    BOOST_TEST(policy().home().language == "");
}

BOOST_FIXTURE_TEST_CASE(a_paused_home_lets_every_device_pass_until_then, House)
{
    const auto until = in_an_hour();
    HomeChange change;
    change.paused_until_ms = until;
    policy().change_home(change);
    const auto client = policy().meet("192.168.1.20");
    BOOST_TEST(client->unjudged(until - 1));
    BOOST_TEST(!client->unjudged(until));
    BOOST_TEST((client->device.paused_until_ms == until));

    // The later of both holds.
    DeviceChange longer;
    longer.paused_until_ms = until + 1000;
    policy().change("192.168.1.20", longer);
    BOOST_TEST(policy().view()->client("192.168.1.20")->unjudged(until + 1));

    HomeChange over;
    over.paused_until_ms.emplace();
    policy().change_home(over);
    BOOST_TEST(!policy().meet("192.168.1.21")->unjudged(until - 1));
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_is_refused_and_changes_nothing, House)
{
    HomeChange change;
    change.language = "de";
    change.profile = Profile::off;
    BOOST_CHECK_THROW(policy().change_home(change), PolicyError);
    BOOST_TEST((policy().home() == HomeAnswers{}));
}

BOOST_FIXTURE_TEST_CASE(a_home_written_by_hand_and_wrong_is_told_and_the_rest_holds, House)
{
    HomeChange change;
    change.profile = Profile::strict;
    policy().change_home(change);
    DeviceChange named;
    named.name = "phone";
    policy().change("192.168.1.20", named);
    auto text = policy().text();
    stop();
    text.replace(text.find("\"strict\""), 8, "\"strange\"");
    std::ofstream(file) << text;
    BOOST_TEST(policy().problem().find("home: profile") != std::string::npos);
    BOOST_TEST((policy().meet("192.168.1.20")->device.profile == Profile::standard));
    BOOST_TEST(policy().known("phone").name == "phone");
}

BOOST_AUTO_TEST_SUITE_END()
