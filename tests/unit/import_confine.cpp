// What paravent-import can no longer do once it has given up its rights. Each is tried in a process of its own.
#include "proxy/import/confine.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <new>
#include <string>

namespace {

/// Whether `tried` comes true in a confined process.
bool confined(const std::function<bool()>& tried)
{
    const pid_t child = fork();
    if (child == 0) {
        if (!paravent::imports::confine().empty())
            _exit(2);
        _exit(tried() ? 0 : 1);
    }
    int status = 0;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) < 2));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(confinement)

BOOST_AUTO_TEST_CASE(nothing_can_be_opened_whatever_the_kernel)
{
    BOOST_TEST(confined([] { return open("/dev/null", O_RDONLY) < 0 && errno == EMFILE; }));
    BOOST_TEST(confined([] { return open("/dev/null", O_PATH) < 0; }));
    BOOST_TEST(confined([] { return socket(AF_INET, SOCK_STREAM, 0) < 0 && socket(AF_UNIX, SOCK_STREAM, 0) < 0; }));
    // Not even in the place of one of its three.
    BOOST_TEST(confined([] { return close(0) == 0 && socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EACCES; }));
    BOOST_TEST(confined([] {
        std::array<int, 2> ends{};
        return dup(0) < 0 && pipe(ends.data()) != 0;
    }));
}

BOOST_AUTO_TEST_CASE(a_long_computation_ends_with_a_sentence)
{
    std::array<int, 2> ends{};
    BOOST_REQUIRE(pipe(ends.data()) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        if (!paravent::imports::confine().empty())
            _exit(2);
        rlimit limit{};
        getrlimit(RLIMIT_CPU, &limit);
        if (limit.rlim_cur != 600)
            _exit(3);
        raise(SIGXCPU);
        _exit(4);
    }
    close(ends[1]);
    std::string said(1'000, '\0');
    const auto got = read(ends[0], said.data(), said.size());
    close(ends[0]);
    int status = 0;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 1));
    said.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    BOOST_TEST(said.starts_with("{\"error\":\"This file takes too long"));
    BOOST_TEST(said.ends_with("\"}\n"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(memory_is_bounded)
{
    const auto can_have = [](std::size_t mebibytes) {
        return confined([&] {
            const auto* block = ::operator new(mebibytes << 20, std::nothrow);
            return block != nullptr;
        });
    };
    BOOST_TEST(can_have(30));
    BOOST_TEST(!can_have(50));
}
#endif

BOOST_AUTO_TEST_SUITE_END()
