#include "proxy/desktop/memory.hpp"
#include "proxy/desktop/turn.hpp"
#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <optional>
#include <thread>

using namespace paravent::desktop;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(the_second_has_its_turn_when_the_first_is_done)
{
    const Folder folder;
    std::optional<Turn> first(std::in_place, folder.path);
    std::atomic<bool> ended = false, too_early = false;
    std::thread other([&] {
        const Turn second(folder.path);
        too_early = !ended;
    });
    BOOST_CHECK_THROW(Turn(folder.path, 100ms), std::runtime_error);
    ended = true;
    first.reset();
    other.join();
    BOOST_TEST(!too_early);
}

BOOST_AUTO_TEST_CASE(one_that_does_not_end_is_waited_for_only_so_long_and_named)
{
    const Folder folder;
    const Turn first(folder.path);
    try {
        const Turn second(folder.path, 50ms);
        BOOST_ERROR("two have the turn");
    } catch (const std::runtime_error& error) {
        const std::string said = error.what();
        BOOST_TEST(said.find("another `paravent system-proxy` is at it") == 0U);
        BOOST_TEST(said.find((folder.path / "system-proxy.lock").string()) != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(many_at_once_have_it_one_after_the_other_and_leave_nothing)
{
    const Folder folder;
    const auto state = folder.path / "deep" / "state";
    std::atomic<int> inside = 0, most = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < 8; ++i)
        all.emplace_back([&] {
            for (int n = 0; n < 10; ++n) {
                const Turn turn(state);
                most = std::max(most.load(), ++inside);
                std::this_thread::sleep_for(1ms);
                --inside;
            }
        });
    for (auto& one : all)
        one.join();
    BOOST_TEST(most == 1);
    BOOST_TEST(!std::filesystem::exists(state));
}

BOOST_AUTO_TEST_CASE(its_file_stays_as_long_as_there_is_something_to_remember)
{
    const Folder folder;
    const auto state = folder.path / "state";
    Memory memory;
    memory.asked = Asked{};
    {
        const Turn turn(state);
        write_memory(state, memory);
    }
    BOOST_TEST(std::filesystem::exists(state / "system-proxy.lock")); // a full disk could make no other
    {
        const Turn turn(state);
        write_memory(state, {});
    }
    BOOST_TEST(!std::filesystem::exists(state));
}

BOOST_AUTO_TEST_CASE(where_no_folder_can_be_made_nobody_waits)
{
    const Folder folder;
    write(folder.path / "file", "");
    const Turn turn(folder.path / "file" / "state", 0ms);
    BOOST_TEST(folder.files().size() == 1U);
}
