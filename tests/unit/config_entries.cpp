#include "tests/unit/config_wrong.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace paravent::config;

namespace {

const std::vector<Wrong> wrong_lists = {
    {"url = \"https://a.example/\"", "1:1: list.name: is missing"},
    {"name = \"\"\nfile = \"a\"", "2:8: list.name: \"\" is no list's name"},
    {"name = \"a/b\"\nfile = \"a\"", "2:8: list.name: \"a/b\" is no list's name"},
    {"name = \"..\"\nfile = \"a\"", "2:8: list.name: \"..\" is no list's name"},
    {"name = \"" + std::string(65, 'a') + "\"\nfile = \"a\"", "2:8: list.name: \"aaaa"},
    {"name = \"meta\"\nfile = \"a\"", "2:8: list.name: \"meta\" stands for Paravent's own lists"},
    {"name = \"Meta\"\nfile = \"a\"", "2:8: list.name: \"meta\" stands for Paravent's own lists"},
    {"name = \"a\"", "1:1: list.file: a list needs file = \"…\" or url"},
    {"name = \"a\"\nfile = \"a\"\nurl = \"https://a.example/\"", "4:7: list.url: a list has either file or url"},
    {"name = \"a\"\nurl = \"http://a.example/\"", "3:7: list.url: \"http://a.example/\": anybody on the way could"},
    {"name = \"a\"\ninsecure = true\nurl = \"http://\"", "4:7: list.url: \"http://\": is no address of the kind"},
    {"name = \"a\"\ninsecure = true\nurl = \"ftp://a/\"", "4:7: list.url: \"ftp://a/\": a subscription is"},
    {"name = \"a\"\nfile = \"a\"\ninsecure = true", "4:12: list.insecure: is about a url; this list has none"},
    {"name = \"a\"\nurl = \"file:///etc/passwd\"", "3:7: list.url: \"file:///etc/passwd\": a subscription is"},
    {"name = \"a\"\nurl = \"https://\"", "3:7: list.url: \"https://\": is no address of the kind"},
    {"name = \"a\"\nurl = \"https://a b/\"", "3:7: list.url: \"https://a b/\": is no address of the kind"},
    {"name = \"a\"\nurl = \"https://me@a.example/\"",
     "3:7: list.url: \"https://me@a.example/\": an address with a user"},
    {"name = \"a\"\nurl = \"https://a.example/\"\nintercept = true", "4:13: list.intercept: only a file of your own"},
    {"name = \"a\"\nfile = \"a\"\ncategory = \"Two Words\"", "4:12: list.category: \"Two Words\" is no category"},
    {"name = \"login\"\nintercept = true", "3:13: list.intercept: belongs to Paravent's own list \"login\""},
    {"name = \"login\"\ncategory = \"login\"", "3:12: list.category: belongs to Paravent's own list \"login\""},
    {"name = \"a\"\nfile = \"a\"\nenabled = \"yes\"", "4:11: list.enabled: is true or false (without quotes), but"},
    {"name = \"a\"\nfile = \"a\"\n[[list]]\nname = \"a\"\nfile = \"b\"",
     "5:8: list.name: \"a\" is taken already, by line 2"},
};
const std::vector<Wrong> wrong_devices = {
    {"address = \"192.168.1.20\"", "1:1: device.name: is missing"},
    {"name = \"a\"", "1:1: device.address: is missing; a device is known by address = \"…\" or mac = \"…\""},
    {"name = \"\"\naddress = \"192.168.1.20\"", "2:8: device.name: has 1 to 64 bytes"},
    {"name = \"fd00::1\"\naddress = \"192.168.1.20\"", "2:8: device.name: \"fd00::1\" is an address, and would be"},
    {"name = \"a\"\naddress = \"192.168.1.0/24\"", "3:11: device.address: \"192.168.1.0/24\" is no address"},
    {"name = \"a\"\nmac = \"ff:ff:ff:ff:ff:ff\"", "3:7: device.mac: \"ff:ff:ff:ff:ff:ff\" is no device's MAC address"},
    {"name = \"a\"\nmac = \"00:1a:2b:3c:4d:5e\"\nprofile = \"none\"", "4:11: device.profile: \"none\" is no profile"},
    {"name = \"a\"\nmac = \"00:1a:2b:3c:4d:5e\"\nprivacy = \"none\"", "4:11: device.privacy: \"none\" is no privacy"},
    {"name = \"a\"\nmac = \"00:1a:2b:3c:4d:5e\"\nfacebook-login = true",
     "4:1: device.facebook-login: no such key; did you mean facebook_login?"},
    {"name = \"a\"\naddress = \"fd00::1\"\n[[device]]\nname = \"a\"\naddress = \"fd00::2\"",
     "5:8: device.name: \"a\" is taken already, by line 2"},
    {"name = \"a\"\naddress = \"10.0.0.1\"\n[[device]]\nname = \"b\"\naddress = \"::ffff:10.0.0.1\"",
     "6:11: device.address: \"10.0.0.1\" is taken already, by line 3"},
    {"name = \"a\"\nmac = \"00:1a:2b:3c:4d:5e\"\n[[device]]\nname = \"b\"\nmac = \"00-1A-2B-3C-4D-5E\"",
     "6:7: device.mac: \"00:1a:2b:3c:4d:5e\" is taken already, by line 3"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_wrong_list_is_refused, data::make(wrong_lists), wrong)
{
    const std::string message = message_of("[[list]]\n" + wrong.text);
    BOOST_TEST(message.starts_with("a.toml:" + wrong.message), message);
    BOOST_TEST(message.find('\n') == std::string::npos, message);
}

BOOST_DATA_TEST_CASE(a_wrong_device_is_refused, data::make(wrong_devices), wrong)
{
    const std::string message = message_of("[[device]]\n" + wrong.text);
    BOOST_TEST(message.starts_with("a.toml:" + wrong.message), message);
    BOOST_TEST(message.find('\n') == std::string::npos, message);
}

BOOST_AUTO_TEST_CASE(lists_are_files_subscriptions_and_switches_of_our_own)
{
    const Settings read = parse_settings(R"(
[[list]]
name = "mine"
file = "rules/../mine.txt"
intercept = true
[[list]]
name = "easyprivacy"
url = "https://lists.example/easyprivacy.txt"
category = "trackers"
enabled = false
[[list]]
name = "elsewhere_1.0"
file = "/srv/rules.txt"
[[list]]
name = "meta-ai"
[[list]]
name = "social-plugin"
enabled = false
)",
                                         "/etc/paravent/paravent.toml");
    BOOST_REQUIRE(read.lists.size() == 5U);
    BOOST_TEST(read.lists[0].file == "/etc/paravent/mine.txt");
    BOOST_TEST(read.lists[0].category == "other");
    BOOST_TEST(read.lists[0].intercept);
    BOOST_TEST(read.lists[1].url == "https://lists.example/easyprivacy.txt");
    BOOST_TEST(read.lists[1].category == "trackers");
    BOOST_TEST(!read.lists[1].enabled);
    BOOST_TEST(read.lists[2].file == "/srv/rules.txt");
    BOOST_TEST(read.lists[3].category == "meta-ai");
    BOOST_TEST(read.lists[3].enabled);
    BOOST_TEST((read.lists[4].file.empty() && read.lists[4].url.empty()));
    BOOST_TEST(!read.lists[4].enabled);
}

BOOST_AUTO_TEST_CASE(a_device_says_only_what_differs)
{
    const Settings read = parse_settings(R"(
[[device]]
name = "kitchen tablet"
mac = "00-1A-2B-3C-4D-5E"
[[device]]
name = "Büro"
address = "FD00:0::20"
profile = "strict"
meta_apps = false
facebook_login = true
browsers_only = true
intercept = true
privacy = "counters"
)",
                                         "a.toml");
    BOOST_REQUIRE(read.devices.size() == 2U);
    const Device& tablet = read.devices[0];
    BOOST_TEST(tablet.mac == "00:1a:2b:3c:4d:5e");
    BOOST_TEST(tablet.address == "");
    BOOST_TEST((!tablet.profile && !tablet.meta_apps && !tablet.facebook_login && !tablet.browsers_only &&
                !tablet.intercept && !tablet.privacy));
    const Device& office = read.devices[1];
    BOOST_TEST(office.address == "fd00::20");
    BOOST_TEST((office.profile == Profile::strict && office.privacy == Privacy::counters));
    BOOST_TEST((office.meta_apps == false && office.facebook_login == true && office.browsers_only == true &&
                office.intercept == true));
}
