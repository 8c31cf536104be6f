#pragma once

#include "config/settings.hpp"
#include "proxy/net/awaitable.hpp"
#include "proxy/net/hosts_file.hpp"
#include "proxy/net/stream.hpp"

#include <memory>
#include <string>

namespace paravent::net {

/// The process's one resolver, on a thread of its own: c-ares, a cache by TTL, equal questions asked once, and old
/// answers where nobody answers any more. /etc/hosts and `[resolver] hosts` are asked first; names of the local network
/// (.local, single labels, private suffixes) go to the system's getaddrinfo.
class Resolver {
public:
    struct Options {
        std::vector<config::Endpoint> servers; ///< none: the system's
        std::string hosts;                     ///< path or empty
        Millis limit{5000};                    ///< for one question
        bool operator==(const Options&) const = default;
    };
    explicit Resolver(Options options);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// The addresses of a name in normal form, IPv6 and IPv4 mixed, at least one. Error::dns or Error::timeout.
    /// May be called from any worker; resumes there.
    awaitable<result<std::shared_ptr<const Addresses>>> resolve(const std::string& name);

    /// Gives up all questions, for good; to be called while the workers that asked still exist.
    void stop();
    void configure(Options options); ///< after a reload; forgets what was learned from other servers

    /// What is wrong with the name servers, as a sentence; "" while they answer, or nobody asks them.
    std::string problem() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace paravent::net
