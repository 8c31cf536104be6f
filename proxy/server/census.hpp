#pragma once

#include "proxy/net/address.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>

namespace paravent::server {

/// How many connections there are, in all and of each client, against the limits of the settings.
class Census {
public:
    struct Limits {
        unsigned connections; ///< in all
        unsigned per_client;
    };
    enum class Admission : std::uint8_t { yes, full, client_has_too_many };

    /// The limit that the process's descriptors allow, two for each connection; raises the soft limit to the hard one.
    static unsigned by_descriptors() noexcept;

    explicit Census(Limits limits) noexcept : limits_(limits) {}
    void configure(Limits limits);

    Admission admit(const net::Address& client);
    void leave(const net::Address& client);
    /// Returns once nobody is left, or the time is over.
    bool wait_until_empty(std::chrono::milliseconds limit);

    std::uint64_t open() const noexcept { return open_.load(std::memory_order_relaxed); }
    bool full() const noexcept;

    std::atomic<std::uint64_t> total{0}, refused{0}, tunnels{0};

private:
    mutable std::mutex mutex_;
    std::condition_variable left_;
    Limits limits_;
    std::atomic<std::uint64_t> open_{0};
    std::map<net::Address, unsigned> of_client_; ///< bounded by the connections there are
};

} // namespace paravent::server
