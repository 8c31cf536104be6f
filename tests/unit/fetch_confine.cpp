// What the helper program can no longer do once it has given up its rights. Each is tried in a process of its own.
#include "proxy/fetch/confine.hpp"
#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace {

/// Whether `tried` comes true in a confined process.
bool confined(const std::string& trust, const std::function<bool()>& tried)
{
    const pid_t child = fork();
    if (child == 0) {
        if (!paravent::fetch::confine(trust).empty())
            _exit(2);
        _exit(tried() ? 0 : 1);
    }
    int status = 0;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    BOOST_TEST((!WIFEXITED(status) || WEXITSTATUS(status) < 2));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool opens(const std::filesystem::path& file, int flags)
{
    return open(file.c_str(), flags, 0600) >= 0;
}

boost::test_tools::assertion_result has_landlock(boost::unit_test::test_unit_id)
{
    return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(confinement, Folder)

BOOST_AUTO_TEST_CASE(descriptors_are_closed_and_few_may_be_opened)
{
    const int kept = open("/dev/null", O_RDONLY);
    BOOST_TEST(confined("", [&] { return fcntl(kept, F_GETFD) < 0 && fcntl(0, F_GETFD) >= 0; }));
    close(kept);
    BOOST_TEST(!confined("", [] {
        for (int i = 0; i < 100; ++i)
            if (socket(AF_INET, SOCK_STREAM, 0) < 0)
                return false;
        return true;
    }));
}

BOOST_AUTO_TEST_CASE(no_byte_goes_into_a_file_even_without_landlock)
{
    const auto file = path / "open";
    write(file, "before");
    BOOST_TEST(!confined("", [&] {
        const int fd = open(file.c_str(), O_WRONLY | O_APPEND);
        return fd >= 0 && ::write(fd, "x", 1) == 1;
    }));
    BOOST_TEST(read(file) == "before");
}

BOOST_AUTO_TEST_CASE(processor_time_is_bounded)
{
    BOOST_TEST(confined("", [] {
        rlimit limit{};
        return getrlimit(RLIMIT_CPU, &limit) == 0 && limit.rlim_max == 20 && getrlimit(RLIMIT_CORE, &limit) == 0 &&
               limit.rlim_max == 0;
    }));
}

BOOST_AUTO_TEST_CASE(only_the_systems_files_and_the_trusted_certificates_can_be_read,
                     *boost::unit_test::precondition(has_landlock))
{
    write(path / "secret", "x");
    write(path / "trust.pem", "x");
    BOOST_TEST(confined("", [] { return opens("/etc/passwd", O_RDONLY); }));
    BOOST_TEST(!confined("", [&] { return opens(path / "secret", O_RDONLY); }));
    BOOST_TEST(confined((path / "trust.pem").string(), [&] { return opens(path / "trust.pem", O_RDONLY); }));
    BOOST_TEST(!confined((path / "trust.pem").string(), [&] { return opens(path / "secret", O_RDONLY); }));
    BOOST_TEST(!confined((path / "trust.pem").string(), [&] { return opens(path / "trust.pem", O_WRONLY); }));
}

BOOST_AUTO_TEST_CASE(nothing_is_made_removed_or_run, *boost::unit_test::precondition(has_landlock))
{
    write(path / "there", "x");
    BOOST_TEST(!confined("", [&] { return opens(path / "new", O_WRONLY | O_CREAT); }));
    BOOST_TEST(!confined("", [&] { return unlink((path / "there").c_str()) == 0; }));
    BOOST_TEST(!confined("", [] {
        execl("/bin/true", "true", nullptr);
        return false; // still here: it was not run
    }));
    BOOST_TEST(std::filesystem::exists(path / "there"));
}

BOOST_AUTO_TEST_SUITE_END()
