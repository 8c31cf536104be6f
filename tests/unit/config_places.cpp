#include "config/settings.hpp"
#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>
#include <unistd.h>

using namespace paravent::config;
namespace fs = std::filesystem;

namespace {

/// A folder and an environment of the test's own, both put back at its end.
struct Surroundings {
    Surroundings()
    {
        for (const char* name : {"PARAVENT_CONFIG", "STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"}) {
            const char* value = std::getenv(name);
            before[name] = value == nullptr ? std::optional<std::string>{} : value;
            unsetenv(name);
        }
    }
    ~Surroundings()
    {
        for (const auto& [name, value] : before)
            value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
    }
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;

    fs::path file(const fs::path& name, std::string_view text = "") const
    {
        const fs::path path = folder / name;
        fs::create_directories(path.parent_path());
        write(path, text);
        return path;
    }

    const Folder own;
    const fs::path folder = own.path;
    std::map<std::string, std::optional<std::string>> before;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(places, Surroundings)

BOOST_AUTO_TEST_CASE(the_named_file_goes_before_the_environment_and_that_before_the_build)
{
    const auto settings = file("config/paravent.toml");
    const auto program = file("build/release/paravent");
    BOOST_TEST(find_settings("", program).value() == settings);
    BOOST_TEST(find_settings("", file("build/release/tests/test_config")).value() == settings);
    setenv("PARAVENT_CONFIG", "elsewhere.toml", 1);
    BOOST_TEST(find_settings("", program).value() == "elsewhere.toml");
    BOOST_TEST(find_settings("given.toml", program).value() == "given.toml");
}

BOOST_AUTO_TEST_CASE(a_link_to_the_program_finds_the_settings_of_its_build)
{
    const auto settings = file("project/config/paravent.toml");
    fs::create_symlink(file("project/build/release/paravent"), folder / "paravent");
    BOOST_TEST(find_settings("", folder / "paravent").value() == settings);
}

BOOST_AUTO_TEST_CASE(a_file_above_a_program_that_is_not_in_a_build_is_not_taken)
{
    const auto settings = file("config/paravent.toml");
    BOOST_TEST((find_settings("", file("bin/paravent")) != settings));
    BOOST_TEST((find_settings("", folder / "gone/build/paravent") != settings));
}

BOOST_AUTO_TEST_CASE(the_state_directory_follows_systemd_then_xdg_then_home)
{
    setenv("HOME", "/home/ada", 1);
    BOOST_TEST(state_directory("") == "/home/ada/.local/state/paravent");
    setenv("XDG_STATE_HOME", "relative", 1);
    BOOST_TEST(state_directory("") == "/home/ada/.local/state/paravent");
    setenv("XDG_STATE_HOME", "/x", 1);
    BOOST_TEST(state_directory("") == "/x/paravent");
    setenv("STATE_DIRECTORY", "/var/lib/paravent:/var/lib/other", 1);
    BOOST_TEST(state_directory("") == "/var/lib/paravent");
    BOOST_TEST(state_directory("given") == "given");
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_is_one_clear_error)
{
    const auto message_of = [](const fs::path& path) {
        try {
            (void)read_settings(path);
        } catch (const SettingsError& error) {
            return std::string(error.what());
        }
        return std::string("read");
    };
    const auto gone = (folder / "gone.toml").string();
    BOOST_TEST(message_of(gone) ==
               gone + ": cannot be read: No such file or directory; name another file with --config FILE");
    BOOST_TEST(message_of(folder).find("it is a folder") != std::string::npos);
    BOOST_TEST(message_of(file("large.toml", std::string((1 << 20) + 1, '\n'))).find("larger than 1 MiB") !=
               std::string::npos);
    BOOST_TEST(message_of(file("whole.toml", std::string(1 << 20, '\n'))) == "read");
    const auto wrong = file("wrong.toml", "[log]\nlevel = 5\n");
    BOOST_TEST(message_of(wrong).starts_with(wrong.string() + ":2:9: log.level: "));
}

BOOST_AUTO_TEST_SUITE_END()
