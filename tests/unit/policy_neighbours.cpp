// The kernel's neighbour tables, read in a network namespace of the test's own.
#include "proxy/policy/neighbours.hpp"

#include "proxy/policy/address.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

using namespace paravent::policy;

namespace {

void write_once(const char* file, const std::string& text)
{
    const int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, text.data(), text.size());
        close(fd);
    }
}

/// In a child with a network namespace of its own, runs a shell's lines and returns its neighbours as
/// "address mac\n…"; "unavailable" where namespaces are refused here or `ip` is missing.
std::string neighbours_after(const char* lines)
{
    int ends[2];
    BOOST_REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        const std::string uid = std::to_string(getuid()), gid = std::to_string(getgid());
        std::string text = "unavailable";
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
            write_once("/proc/self/setgroups", "deny");
            write_once("/proc/self/uid_map", "0 " + uid + " 1");
            write_once("/proc/self/gid_map", "0 " + gid + " 1");
            if (std::system((std::string("PATH=$PATH:/usr/sbin:/sbin; set -e; exec 2>/dev/null\n") + lines).c_str()) ==
                0) {
                text.clear();
                for (const auto& [address, mac] : read_neighbours())
                    text += address + " " + mac + "\n";
            }
        }
        (void)!write(ends[1], text.data(), text.size());
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return text;
}

int readings = 0;
NeighbourTable one_neighbour()
{
    ++readings;
    return {{"192.168.1.20", "aa:00:00:00:00:0" + std::to_string(readings)}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(neighbours)

BOOST_AUTO_TEST_CASE(ipv4_and_ipv6_neighbours_are_read_and_those_that_do_not_answer_are_not)
{
    const std::string text = neighbours_after(R"(
ip link add home type veth peer name other
ip link set home up
ip addr add 192.168.77.1/24 dev home
ip -6 addr add fd77::1/64 dev home nodad
ip neigh add 192.168.77.20 lladdr aa:bb:cc:00:00:01 dev home nud reachable
ip neigh add 192.168.77.21 lladdr aa:bb:cc:00:00:02 dev home nud stale
ip neigh add 192.168.77.22 lladdr aa:bb:cc:00:00:03 dev home nud permanent
ip neigh add 192.168.77.23 lladdr aa:bb:cc:00:00:04 dev home nud failed
ip neigh add 192.168.77.24 lladdr aa:bb:cc:00:00:05 dev home nud noarp
ip neigh add fd77::20 lladdr aa:bb:cc:00:00:01 dev home nud reachable
ip neigh add fe80::20 lladdr aa:bb:cc:00:00:01 dev home nud stale)");
    if (text == "unavailable") {
        BOOST_TEST_MESSAGE("skipped: no network namespaces here");
        return;
    }
    BOOST_TEST(text == "192.168.77.20 aa:bb:cc:00:00:01\n"
                       "192.168.77.21 aa:bb:cc:00:00:02\n"
                       "192.168.77.22 aa:bb:cc:00:00:03\n"
                       "fd77::20 aa:bb:cc:00:00:01\n"
                       "fe80::20%home aa:bb:cc:00:00:01\n");
}

BOOST_AUTO_TEST_CASE(a_table_longer_than_one_reading_is_read_to_its_end)
{
    const std::string text = neighbours_after(R"(
ip link add home type veth peer name other
ip link set home up
i=0; while [ $i -lt 900 ]; do
  echo "neigh add 10.$((i / 200)).1.$((i % 200 + 1)) lladdr aa:bb:cc:00:00:01 dev home nud permanent"; i=$((i + 1))
done | ip -batch -)");
    if (text == "unavailable") {
        BOOST_TEST_MESSAGE("skipped: no network namespaces here");
        return;
    }
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 900);
}

BOOST_AUTO_TEST_CASE(many_new_addresses_do_not_make_many_readings)
{
    readings = 0;
    Neighbours table(one_neighbour);
    const auto begin = Neighbours::Clock::now();
    for (int i = 0; i < 10'000; ++i)
        table.mac_of("10.0.0." + std::to_string(i));
    const auto passed = Neighbours::Clock::now() - begin;
    BOOST_TEST(readings >= 1);
    BOOST_TEST(readings <= 1 + passed / Neighbours::retry);
}

BOOST_AUTO_TEST_CASE(a_known_neighbour_is_answered_from_memory)
{
    readings = 0;
    Neighbours table(one_neighbour);
    BOOST_TEST(table.mac_of("192.168.1.20") == "aa:00:00:00:00:01");
    BOOST_TEST(table.mac_of("192.168.1.20") == "aa:00:00:00:00:01");
    BOOST_TEST(table.mac_of("192.168.1.21") == "");
}

BOOST_AUTO_TEST_CASE(addresses_have_one_form)
{
    BOOST_TEST(normal_address("2001:DB8:0:0::5").value() == "2001:db8::5");
    BOOST_TEST(normal_address("::ffff:192.0.2.1").value() == "192.0.2.1");
    BOOST_TEST(normal_address("fe80::1%eth0").value() == "fe80::1%eth0");
    for (const char* none : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4%eth0", "fe80::1%",
                             "fe80::1%0123456789abcdef", "x", "[::1]", "1.2.3.4:80"})
        BOOST_TEST(!normal_address(none), none);
    BOOST_TEST(normal_mac("AA-BB-CC-00-11-2f").value() == "aa:bb:cc:00:11:2f");
    for (const char* none : {"", "aa:bb:cc:00:11", "aa:bb:cc:00:11:2g", "aa:bb:cc:00:11:2f:", "aabb.cc00.112f...."})
        BOOST_TEST(!normal_mac(none), none);
}

BOOST_AUTO_TEST_SUITE_END()
