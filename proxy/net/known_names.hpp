#pragma once

#include "proxy/net/awaitable.hpp"
#include "proxy/net/hosts_file.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace paravent::net {

using Found = std::shared_ptr<const Addresses>;
using Answer = result<Found>;

/// What can be said of a name without asking anybody: the hosts files and "localhost", always first; then what was
/// learned from servers, for as long as they said. For any thread.
class KnownNames {
public:
    /// `hosts`: the owner's own file, asked before /etc/hosts; may be empty.
    explicit KnownNames(const std::string& hosts) : own_hosts_(hosts), system_hosts_("/etc/hosts") {}

    /// Another file of the owner's; forgets what was learned.
    void configure(const std::string& hosts);

    /// Addresses of the files, or learned and fresh; else null.
    Found find(const std::string& name);
    /// What was learned and is fresh: addresses, or Error::dns where the name was asked for in vain a moment ago.
    std::optional<Answer> learned(const std::string& name);
    /// Whether there is an answer that has run out, but is better than none (RFC 8767).
    bool has_stale(const std::string& name);

    void learn(const std::string& name, Addresses addresses, std::chrono::seconds ttl);
    enum class Miss : std::uint8_t {
        gone,       ///< somebody who knows says that the name has no addresses
        unanswered, ///< nobody said anything in time
        interrupted ///< nobody was given the time to say anything
    };
    /// Nothing was learned: the stale answer, good again for a while, or `error`.
    Answer learn_nothing(const std::string& name, Miss miss, error_code error);

private:
    struct Known {
        Found addresses; ///< null: it failed lately
        std::int64_t fresh_until = 0, stale_until = 0;
    };
    void make_room();

    std::mutex mutex_;
    HostsFile own_hosts_, system_hosts_;
    std::unordered_map<std::string, Known> known_;
};

} // namespace paravent::net
