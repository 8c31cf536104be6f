#pragma once

#include "proxy/net/ares_channel.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace paravent::net {

/// Whether a name belongs to the local network, so that a public DNS server cannot know it: a single label, .local,
/// .lan, .home.arpa and the like.
bool is_local_name(std::string_view name) noexcept;

/// The endings of such names, without a dot before them ("lan").
std::span<const std::string_view> local_suffixes() noexcept;

/// Asks the system (mDNS, NetBIOS, the router: whatever nsswitch.conf says) by getaddrinfo on two threads, which start
/// with the first questions. Nothing ends a getaddrinfo that hangs, so nobody waits for these threads: they own what
/// they touch, and what one of them brings after `close` is dropped.
class LocalNames {
public:
    LocalNames();
    ~LocalNames() { close(); }
    LocalNames(const LocalNames&) = delete;
    LocalNames& operator=(const LocalNames&) = delete;

    /// `done` is called on one of the threads, and may not ask. At most 64 questions wait; a further one ends at once.
    void ask(const std::string& name, std::function<void(AresChannel::Reply)> done);
    /// Gives up all questions: once it has returned, no `done` is called or kept any more.
    void close() noexcept;

private:
    struct Desk;
    std::shared_ptr<Desk> desk_;
};

} // namespace paravent::net
