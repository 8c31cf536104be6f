// Who is who: devices by MAC, by address, by the file's description.
#include "policy_house.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace paravent;
using namespace paravent::policy;

namespace {

const std::string phone = "aa:00:00:00:00:01", laptop = "aa:00:00:00:00:02";

} // namespace

BOOST_AUTO_TEST_SUITE(devices)

BOOST_FIXTURE_TEST_CASE(an_address_not_seen_before_makes_a_device_with_the_homes_defaults, House)
{
    BOOST_TEST(!policy().view()->client("192.168.1.20"));
    const auto client = policy().meet("192.168.1.20");
    BOOST_TEST(client->device.id.size() == 4u);
    BOOST_TEST(client->device.name == "");
    BOOST_CHECK(client->device.profile == Profile::standard);
    BOOST_TEST(client->device.meta_apps);
    BOOST_TEST(!client->device.facebook_login);
    BOOST_CHECK(client->device.privacy == Privacy::events);
    BOOST_TEST(client->device.last_seen_ms > 0);
    BOOST_TEST(policy().view()->client("192.168.1.20") == client);
}

BOOST_FIXTURE_TEST_CASE(who_comes_again_is_noted_once_in_ten_seconds, House)
{
    const auto client = policy().meet("192.168.1.20");
    BOOST_TEST(client->is_to_be_noted(1'000'000));
    BOOST_TEST(!client->is_to_be_noted(1'000'001));
    BOOST_TEST(!client->is_to_be_noted(1'009'999));
    BOOST_TEST(client->is_to_be_noted(1'010'000));
    BOOST_TEST(client->is_to_be_noted(1'000), "a clock that was set back");
}

BOOST_FIXTURE_TEST_CASE(a_view_stays_as_it_was_and_the_version_tells_of_a_new_one, House)
{
    const auto before = policy().view();
    const auto version = policy().version();
    policy().meet("192.168.1.20");
    BOOST_TEST(!before->client("192.168.1.20"));
    BOOST_TEST(policy().version() > version);
}

BOOST_FIXTURE_TEST_CASE(a_device_keeps_its_identity_with_a_new_address, House)
{
    answer("192.168.1.20", phone);
    const std::string id = policy().meet("192.168.1.20")->device.id;
    answer("192.168.1.33", phone);
    answer("fd00::5", phone);
    BOOST_TEST(policy().meet("192.168.1.33")->device.id == id);
    const auto client = policy().meet("fd00::5");
    BOOST_TEST(client->device.id == id);
    BOOST_TEST(client->device.mac == phone);
    const std::vector<std::string> expected = {"fd00::5", "192.168.1.33", "192.168.1.20"};
    BOOST_TEST(client->device.addresses == expected, boost::test_tools::per_element());
    BOOST_TEST(policy().devices().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_address_that_answers_with_another_mac_belongs_to_that_device, House)
{
    answer("192.168.1.20", phone);
    const std::string id = policy().meet("192.168.1.20")->device.id;
    answer("192.168.1.20", laptop);
    policy().look_again();
    const auto now = policy().view()->client("192.168.1.20");
    BOOST_REQUIRE(now);
    BOOST_TEST(now->device.id != id);
    BOOST_TEST(now->device.mac == laptop);
    BOOST_TEST(policy().device(id).addresses.empty());
}

BOOST_FIXTURE_TEST_CASE(a_remembered_address_is_looked_up_again_after_a_start, House)
{
    answer("192.168.1.20", phone);
    const std::string id = policy().meet("192.168.1.20")->device.id;
    restart();
    answer("192.168.1.20", laptop);
    BOOST_TEST(!policy().view()->client("192.168.1.20"));
    BOOST_TEST(policy().meet("192.168.1.20")->device.id != id);
    answer("192.168.1.40", phone);
    BOOST_TEST(policy().meet("192.168.1.40")->device.id == id);
}

BOOST_FIXTURE_TEST_CASE(a_device_beyond_a_router_is_known_by_its_address, House)
{
    const std::string id = policy().meet("10.8.0.2")->device.id;
    BOOST_TEST(policy().meet("10.8.0.3")->device.id != id);
    restart();
    BOOST_TEST(policy().meet("10.8.0.2")->device.id == id);
}

BOOST_FIXTURE_TEST_CASE(a_device_made_before_the_kernel_knew_its_mac_is_joined_with_its_own, House)
{
    answer("192.168.1.20", phone);
    const std::string id = policy().meet("192.168.1.20")->device.id;
    policy().meet("fd00::9");
    BOOST_TEST(policy().devices().size() == 2u);
    answer("fd00::9", phone);
    policy().look_again();
    BOOST_TEST(policy().devices().size() == 1u);
    BOOST_TEST(policy().view()->client("fd00::9")->device.id == id);
}

BOOST_FIXTURE_TEST_CASE(all_loopback_clients_are_this_computer, House)
{
    const auto client = policy().meet("127.0.0.1");
    BOOST_TEST(client->device.name == "this computer");
    BOOST_TEST(policy().view()->client("127.0.0.53") == client);
    BOOST_TEST(policy().view()->client("::1") == client);
    policy().meet("::1");
    BOOST_TEST(policy().devices().size() == 1u);
    restart();
    BOOST_TEST(policy().meet("127.0.0.1")->device.id == client->device.id);
}

BOOST_FIXTURE_TEST_CASE(a_mapped_address_is_its_ipv4_address, House)
{
    const std::string id = policy().meet("::ffff:192.168.1.20")->device.id;
    BOOST_TEST(policy().meet("192.168.1.20")->device.id == id);
}

BOOST_FIXTURE_TEST_CASE(the_file_describes_a_device_by_its_mac, House)
{
    settings.devices = {entry("Anna", "", phone, Profile::strict)};
    settings.devices[0].meta_apps = false;
    start();
    const std::string id = policy().device("anna").id;
    answer("192.168.1.20", phone);
    const auto client = policy().meet("192.168.1.20");
    BOOST_TEST(client->device.id == id);
    BOOST_CHECK(client->device.profile == Profile::strict);
    BOOST_TEST(!client->device.meta_apps);
    BOOST_CHECK(client->rulings.ruling == rulings_of(Profile::strict, false, false).ruling);
    restart();
    BOOST_TEST(policy().device("Anna").id == id);
}

BOOST_FIXTURE_TEST_CASE(the_file_describes_whoever_has_an_address, House)
{
    settings.devices = {entry("Console", "192.168.1.20", "", Profile::log)};
    start();
    const std::string id = policy().device("Console").id;
    answer("192.168.1.20", phone);
    BOOST_TEST(policy().meet("192.168.1.20")->device.id == id);
    answer("fd00::7", phone); // its IPv6 address is the same device
    BOOST_TEST(policy().meet("fd00::7")->device.id == id);
    restart();
    answer("192.168.1.20", laptop); // replaced by another one
    BOOST_TEST(policy().meet("192.168.1.20")->device.id == id);
    BOOST_TEST(policy().meet("fd00::7")->device.id != id);
}

BOOST_FIXTURE_TEST_CASE(the_files_mac_counts_before_its_address, House)
{
    settings.devices = {entry("Console", "192.168.1.20", ""), entry("Phone", "", phone)};
    start();
    answer("192.168.1.20", phone);
    BOOST_TEST(policy().meet("192.168.1.20")->device.name == "Phone");
}

BOOST_FIXTURE_TEST_CASE(a_reload_ties_an_entry_to_the_device_that_is_there, House)
{
    answer("192.168.1.20", phone);
    const std::string id = policy().meet("192.168.1.20")->device.id;
    settings.devices = {entry("Console", "192.168.1.20", "", Profile::off)};
    settings.profile = Profile::log;
    policy().configure(settings);
    BOOST_TEST(policy().view()->client("192.168.1.20")->device.id == id);
    BOOST_TEST(policy().view()->client("192.168.1.20")->device.name == "Console");
    BOOST_TEST(policy().view()->client("192.168.1.20")->unjudged(0));
    settings.devices.clear();
    policy().configure(settings);
    const auto client = policy().view()->client("192.168.1.20");
    BOOST_TEST(client->device.id == id);
    BOOST_TEST(client->device.name == "");
    BOOST_CHECK(client->device.profile == Profile::log);
}

BOOST_FIXTURE_TEST_CASE(an_entry_that_left_the_file_unseen_leaves_no_device, House)
{
    settings.devices = {entry("Anna", "", phone)};
    start();
    BOOST_TEST(policy().devices().size() == 1u);
    policy().configure(config::Settings{});
    BOOST_TEST(policy().devices().empty());
}

BOOST_FIXTURE_TEST_CASE(at_most_16_addresses_are_shown_and_all_of_256_are_served, House)
{
    for (int i = 0; i < 300; ++i) {
        const std::string address = "fd00::" + std::to_string(i + 1000);
        answer(address, phone);
        policy().meet(address);
    }
    BOOST_TEST(policy().devices().at(0).addresses.size() == 16u);
    BOOST_TEST(policy().devices().at(0).addresses.front() == "fd00::1299");
    BOOST_TEST(!!policy().view()->client("fd00::1044"));
    BOOST_TEST(!policy().view()->client("fd00::1043"));
}

BOOST_AUTO_TEST_CASE(beyond_4096_devices_the_one_not_seen_for_longest_and_never_described_goes)
{
    policy::Devices devices;
    for (std::size_t i = 0; i < Devices::limit; ++i) {
        Record& record = devices.settle("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256), "");
        record.last_seen_ms = static_cast<std::int64_t>(i) + 10;
    }
    devices.with_live_address("10.0.0.0")->answers.profile = Profile::off;
    devices.with_live_address("10.0.0.9")->last_seen_ms = 5;
    devices.settle("10.1.0.0", "").last_seen_ms = 100'000;
    BOOST_TEST(devices.all().size() == Devices::limit);
    BOOST_TEST(!devices.with_live_address("10.0.0.9"));
    devices.settle("10.1.0.1", "").last_seen_ms = 100'000;
    BOOST_TEST(!!devices.with_live_address("10.0.0.0"));
    BOOST_TEST(!devices.with_live_address("10.0.0.1"));
}

BOOST_AUTO_TEST_CASE(an_id_has_four_digits_and_more_when_they_are_used_up_and_comes_once)
{
    DeviceIds ids;
    std::set<std::string> seen;
    for (int i = 0; i < 65'536; ++i)
        BOOST_REQUIRE(seen.insert(ids.next()).second);
    for (const std::string& id : seen)
        BOOST_REQUIRE(id.size() == 4);
    DeviceIds later(ids.key(), ids.used());
    for (int i = 0; i < 65'536; ++i)
        BOOST_REQUIRE(seen.insert(later.next()).second);
    BOOST_TEST(later.next().size() == 6u);
    DeviceIds much_later(ids.key(), (std::uint64_t{1} << 24) + 65'536);
    BOOST_TEST(much_later.next().size() == 8u);
    DeviceIds elsewhere;
    BOOST_TEST(elsewhere.key() != ids.key());
}

BOOST_AUTO_TEST_SUITE_END()
