#pragma once

#include "proxy/net/ares_channel.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace paravent::net {

/// Whether a name belongs to the local network, so that a public DNS server cannot know it: a single label, .local,
/// .lan, .home.arpa and the like.
bool is_local_name(std::string_view name) noexcept;

/// Asks the system (mDNS, NetBIOS, the router: whatever nsswitch.conf says) by getaddrinfo on two threads, which start
/// with the first question.
class LocalNames {
public:
    LocalNames();
    ~LocalNames();
    /// `done` is called on one of the threads. At most 64 questions wait; a further one ends at once.
    void ask(const std::string& name, std::function<void(AresChannel::Reply)> done);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace paravent::net
