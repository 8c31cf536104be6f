#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/http1_connection.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/way.hpp"

#include <string>

namespace paravent::server {

/// A tunnel, or what an upgrade made one, while it is open: a change of rules or policy can reach it.
class OpenTunnel {
public:
    /// `asked`: what it was opened for; copied.
    OpenTunnel(Connection& connection, const Asked& asked, net::Relay& relay);
    ~OpenTunnel();
    OpenTunnel(const OpenTunnel&) = delete;
    OpenTunnel& operator=(const OpenTunnel&) = delete;

    /// Ends it where it would not be opened today.
    void rejudge();
    /// Ends it where nothing has moved for a moment.
    void end_if_idle();

private:
    friend class Worker;
    std::size_t place_ = 0; ///< in the worker's list
    Connection& connection_;
    const std::string method_, url_, host_, page_;
    Asked asked_; ///< of these
    net::Relay& relay_;
};

/// The verdict about a host of which nothing else is known, recorded.
Judgement judge_host(Connection& connection, const Snapshot& snapshot, const std::string& host);

/// The same where its requests are about to be seen one by one: what stands for the whole host only as long as nobody
/// looks inside does not count, and nothing is recorded but a host that is stopped.
Judgement judge_outside(Connection& connection, const Snapshot& snapshot, const std::string& host);

/// How long a tunnel may be quiet, by the settings.
net::Relay::Limits tunnel_limits(const Snapshot& snapshot) noexcept;

/// Relays until both sides have ended. Takes no snapshot: a tunnel that lives for days would keep its rules alive.
/// `leftover`: the client's bytes already read.
net::awaitable<void> run_tunnel(Connection& connection, net::Relay::Limits limits, std::string host,
                                std::string leftover, Way way);

/// A CONNECT request, from its head to the end of its tunnel.
net::awaitable<void> serve_connect(Connection& connection, Http1Connection& http);

} // namespace paravent::server
