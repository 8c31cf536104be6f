#pragma once

#include "config/settings.hpp"
#include "proxy/net/clients.hpp"
#include "proxy/net/destinations.hpp"
#include "rules/ruleset.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace paravent::server {

/// Settings and rules at one moment; immutable. An exchange keeps the one it began with.
struct Snapshot {
    std::shared_ptr<const config::Settings> settings;
    std::shared_ptr<const rules::Ruleset> rules;
    net::Destinations destinations;
    net::Clients clients; ///< who may use the proxy

    /// Whether it is a name of this box.
    bool is_box(std::string_view host) const
    {
        const auto& names = settings->dashboard.names;
        return std::ranges::find(names, host) != names.end();
    }
};

/// The snapshot in force. A worker looks at the version with each exchange and at the pointer only when it has changed.
class Current {
public:
    explicit Current(std::shared_ptr<const Snapshot> first) : snapshot_(std::move(first)) {}
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
    std::shared_ptr<const Snapshot> get() const
    {
        const std::lock_guard lock(mutex_);
        return snapshot_;
    }
    void replace(std::shared_ptr<const Snapshot> next)
    {
        const std::lock_guard lock(mutex_);
        snapshot_ = std::move(next);
        version_.fetch_add(1, std::memory_order_release);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::atomic<std::uint64_t> version_{1};
};

} // namespace paravent::server
