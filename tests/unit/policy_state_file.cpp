// STATE/policy.json, whole or broken, and the thread that writes it.
#include "policy_house.hpp"
#include "proxy/policy/state_file.hpp"
#include "proxy/policy/state_json.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace paravent;
using namespace paravent::policy;

namespace {

std::vector<std::filesystem::path> moved_aside(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename().string().starts_with("policy.json.broken-"))
            found.push_back(entry.path());
    return found;
}

/// Waits, at most ten seconds, until it is so.
template <class Condition>
bool becomes_true(Condition condition)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5)); // not to take the thread its core
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(state_file)

BOOST_FIXTURE_TEST_CASE(the_folder_and_the_file_are_the_services_alone, House)
{
    policy().meet("192.168.1.20");
    policy().save();
    struct stat status{};
    BOOST_REQUIRE(stat(state.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777U) == 0700u);
    BOOST_REQUIRE(stat(file.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777U) == 0600u);
    BOOST_TEST(!std::filesystem::exists(state / "policy.json.new"));
}

BOOST_FIXTURE_TEST_CASE(a_new_device_is_saved_without_being_asked, House)
{
    policy().meet("192.168.1.20");
    BOOST_TEST(becomes_true([&] { return read(file).find("192.168.1.20") != std::string::npos; }));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_saved_yet_is_saved_at_the_end, House)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    stop();
    BOOST_TEST(read(file).find(id) != std::string::npos);
}

BOOST_DATA_TEST_CASE_F(House, a_broken_file_is_moved_aside_and_the_home_goes_on,
                       (boost::unit_test::data::make<std::string>({"", "{", "[]", "{\"format\": \"1\"}",
                                                                   "{\"format\": 0}", "\xff\xfe",
                                                                   std::string(100'000, '[')})),
                       text)
{
    std::filesystem::create_directories(state);
    write(file, text);
    settings.profile = Profile::strict;
    start();
    BOOST_TEST(policy().problem().find("was not in order") != std::string::npos);
    BOOST_CHECK(policy().meet("192.168.1.20")->device.profile == Profile::strict);
    const auto aside = moved_aside(state);
    BOOST_REQUIRE(aside.size() == 1u);
    BOOST_TEST(read(aside[0]) == text);
    policy().save();
    restart();
    BOOST_TEST(policy().problem() == "");
}

BOOST_FIXTURE_TEST_CASE(after_a_broken_file_no_id_comes_back_that_the_statistics_may_know, House)
{
    std::filesystem::create_directories(state);
    write(file, "{");
    BOOST_TEST(policy().meet("192.168.1.20")->device.id.size() == 6u);
}

BOOST_FIXTURE_TEST_CASE(one_entry_that_is_not_in_order_does_not_cost_the_others, House)
{
    std::filesystem::create_directories(state);
    write(file, R"({"format": 1, "ids": {"key": "0123456789abcdef", "used": 2}, "next_exception": 7,
        "devices": [{"id": "aaaa", "addresses": ["192.168.1.20"], "profile": "strict", "last_seen": 5},
                    {"id": "bbbb", "profile": "stricter"}, {"id": "../x"}, 7],
        "exceptions": [{"id": "3", "site": "shop.example", "verdict": "allow"},
                       {"id": "4", "site": "shop.example", "verdict": "answer"}]})");
    BOOST_TEST(policy().problem().find("The rest of it holds") != std::string::npos);
    BOOST_REQUIRE(policy().devices().size() == 1u);
    BOOST_TEST(policy().meet("192.168.1.20")->device.id == "aaaa");
    BOOST_REQUIRE(policy().exceptions().size() == 1u);
    BOOST_TEST(policy().add({"", "other.example", "", {}, rules::Action::block}).id == "7");
    BOOST_TEST(moved_aside(state).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_newer_format_is_left_alone, House)
{
    std::filesystem::create_directories(state);
    const std::string text = R"({"format": 2, "devices": {"another": "shape"}})";
    write(file, text);
    settings.devices = {entry("TV", "192.168.1.30", "", Profile::off)};
    start();
    BOOST_TEST(policy().problem().find("newer Paravent") != std::string::npos);
    BOOST_CHECK(policy().meet("192.168.1.30")->device.profile == Profile::off);
    DeviceChange change;
    change.profile = Profile::strict;
    BOOST_CHECK(policy().change("TV", change).profile == Profile::strict); // in force while it runs
    BOOST_CHECK_THROW(policy().save(), PolicyError);
    stop();
    BOOST_TEST(read(file) == text);
    BOOST_TEST(moved_aside(state).empty());
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_written_is_told_and_the_change_holds, House)
{
    policy().meet("192.168.1.20");
    policy().save();
    // A folder that is not empty cannot be replaced by a file: root too meets an error here.
    std::filesystem::remove(file);
    std::filesystem::create_directories(file / "in-the-way");
    DeviceChange change;
    change.profile = Profile::off;
    BOOST_CHECK(policy().change("192.168.1.20", change).profile == Profile::off);
    BOOST_TEST(policy().problem().find("cannot be written") != std::string::npos);
    BOOST_CHECK_THROW(policy().save(), PolicyError);
    std::filesystem::remove_all(file);
    policy().save();
    BOOST_TEST(policy().problem() == "");
}

BOOST_FIXTURE_TEST_CASE(a_folder_or_a_pipe_in_its_place_does_not_hold_up_the_start, House)
{
    std::filesystem::create_directories(file);
    BOOST_TEST(policy().problem().find("cannot be read") != std::string::npos);
    stop();
    std::filesystem::remove(file);
    BOOST_REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    BOOST_TEST(policy().problem().find("cannot be read") != std::string::npos);
    BOOST_TEST(!!policy().meet("192.168.1.20"));
}

BOOST_FIXTURE_TEST_CASE(a_state_directory_that_is_a_file_is_refused, House)
{
    write(state, "");
    BOOST_CHECK_THROW(policy(), PolicyError);
}

BOOST_FIXTURE_TEST_CASE(a_temporary_file_left_by_a_crash_is_no_obstacle, House)
{
    std::filesystem::create_directories(state);
    write(state / "policy.json.new", "half");
    policy().meet("192.168.1.20");
    policy().save();
    BOOST_TEST(read(file).find("192.168.1.20") != std::string::npos);
    BOOST_TEST(!std::filesystem::exists(state / "policy.json.new"));
}

BOOST_FIXTURE_TEST_CASE(ids_are_never_used_twice_across_starts, House)
{
    std::vector<std::string> ids;
    for (int i = 0; i < 20; ++i) {
        ids.push_back(policy().meet("192.168.1.20")->device.id);
        policy().forget_device(ids.back());
        restart();
    }
    std::sort(ids.begin(), ids.end());
    BOOST_TEST((std::adjacent_find(ids.begin(), ids.end()) == ids.end()));
}

BOOST_FIXTURE_TEST_CASE(a_backup_brings_back_what_was_and_no_id_twice, House)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    DeviceChange change;
    change.name = "Anna";
    policy().change(id, change);
    policy().add({"", "shop.example", id, {}, rules::Action::block});
    const std::string backup = policy().text();
    policy().forget_device("");
    const std::string later = policy().meet("192.168.1.21")->device.id;
    policy().set_list_enabled("meta-ai", true);

    policy().restore(backup);
    BOOST_TEST(!policy().list_enabled("meta-ai").has_value());
    BOOST_REQUIRE(policy().devices().size() == 1u);
    BOOST_TEST(!policy().view()->client("192.168.1.21"));
    BOOST_TEST(policy().meet("192.168.1.20")->device.name == "Anna");
    BOOST_TEST(policy().meet("192.168.1.20")->exceptions.size() == 1u);
    BOOST_TEST(policy().meet("192.168.1.21")->device.id != later);
    restart();
    BOOST_TEST(policy().device("Anna").id == id);
}

BOOST_DATA_TEST_CASE_F(House, a_backup_that_is_not_in_order_changes_nothing,
                       (boost::unit_test::data::make<std::string>(
                           {"", "{}", R"({"format": 2})", R"({"format": 1})",
                            R"({"format": 1, "ids": {"key": "1", "used": 0}, "devices": [{"id": "x"}]})"})),
                       text)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    BOOST_CHECK_THROW(policy().restore(text), PolicyError);
    BOOST_TEST(policy().view()->client("192.168.1.20")->device.id == id);
}

BOOST_FIXTURE_TEST_CASE(many_threads_meet_change_and_read, House)
{
    std::atomic<bool> done = false;
    std::atomic<int> found = 0;
    policy().meet("127.0.0.1");
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i)
                policy().meet("10.0." + std::to_string(t) + "." + std::to_string(i));
        });
    threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
            const auto e = policy().add({"", "s" + std::to_string(i) + ".example", "", {}, rules::Action::block});
            policy().remove_exception(e.id);
            policy().configure(settings);
            policy().look_again();
        }
    });
    std::jthread reader([&] {
        while (!done) {
            const auto version = policy().version();
            const auto view = policy().view();
            if (version != 0 && view->client("127.0.0.1") && view->client("127.0.0.1")->exceptions.size() <= 1)
                ++found;
            policy().seen(view->client("127.0.0.1")->device.id, 1);
        }
    });
    threads.clear();
    done = true;
    reader.join();
    BOOST_TEST(found > 0);
    BOOST_TEST(policy().devices().size() == 401u);
    BOOST_TEST(policy().problem() == "");
}

BOOST_AUTO_TEST_SUITE_END()
