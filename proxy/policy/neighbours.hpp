#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace paravent::policy {

/// Who answers for an address on the same link: address in normal form -> MAC in normal form. Link-local IPv6 addresses
/// stand there with their scope ("fe80::1%eth0").
using NeighbourTable = std::map<std::string, std::string, std::less<>>;

/// The kernel's IPv4 and IPv6 neighbour tables of this network namespace, by netlink (rtnetlink(7), RTM_GETNEIGH).
/// Empty where netlink is refused (some containers): devices are then known by address alone.
NeighbourTable read_neighbours();

/// The tables as last read. Any number of threads.
class Neighbours {
public:
    using Clock = std::chrono::steady_clock;
    /// `read` makes a table; tests hand in their own.
    explicit Neighbours(NeighbourTable (*read)() = read_neighbours) : read_(read) {}
    virtual ~Neighbours() = default;
    Neighbours(const Neighbours&) = delete;
    Neighbours& operator=(const Neighbours&) = delete;

    /// The MAC that answers for `address`, or empty. Reads the tables when they are older than `keep`, or when the
    /// address is missing and the last reading was more than `retry` ago: who has just connected stands in the
    /// kernel's table, so only strangers from beyond a router would make every look-up a reading.
    virtual std::string mac_of(std::string_view address);

    static constexpr std::chrono::seconds keep{10};
    static constexpr std::chrono::milliseconds retry{250};

private:
    NeighbourTable (*read_)();
    std::mutex mutex_;
    NeighbourTable table_;
    Clock::time_point read_at_{};
    bool read_once_ = false;
};

} // namespace paravent::policy
