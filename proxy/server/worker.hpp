#pragma once

#include "proxy/net/deadlines.hpp"
#include "proxy/net/dial.hpp"
#include "proxy/net/pipes.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/policy/policy.hpp"
#include "proxy/server/census.hpp"
#include "proxy/server/link_memory.hpp"
#include "proxy/server/local_site.hpp"
#include "proxy/server/origin_pool.hpp"
#include "proxy/server/report_tokens.hpp"
#include "proxy/server/role.hpp"
#include "proxy/server/snapshot.hpp"
#include "proxy/statistics/recorder.hpp"
#include "proxy/tls/interception.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace paravent::server {

/// What all workers share; everything in it may be used from any thread.
struct Shared {
    Shared(std::shared_ptr<const Snapshot> first, policy::Policy& its_policy, statistics::Recorder& its_statistics,
           net::Resolver& its_resolver, tls::Interception& its_interception, Census& its_census, LocalSite its_site)
        : current(std::move(first)), policy(its_policy), statistics(its_statistics), resolver(its_resolver),
          interception(its_interception), census(its_census), site(std::move(its_site))
    {
    }
    Current current;
    policy::Policy& policy;
    statistics::Recorder& statistics;
    net::Resolver& resolver;
    tls::Interception& interception;
    Census& census;
    LocalSite site; ///< the dashboard
    LocalBodies local_bodies;
    ReportTokens report_tokens;
    net::asio::thread_pool site_thread{1}; ///< where it runs
    LinkMemory links;
    std::atomic<bool> dns_loop = false; ///< what DNS records led here last led back
};

class Connection;
class OpenTunnel;

/// One thread with its own io_context. A connection lives and dies here, so nothing of it locks.
class Worker {
public:
    explicit Worker(Shared& shared);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    /// From any thread: takes over an accepted descriptor.
    void take(int descriptor, net::asio::ip::tcp protocol, const net::Address& client, Role role);
    /// From any thread: connections that wait for a request go, the others end with their exchange. One that has just
    /// come and said nothing yet is heard for a moment: its client was not refused.
    void drain();
    /// From any thread: whatever is left ends now.
    void stop();
    void join();

    /// For the acceptor's choice: connections given to it and not yet ended.
    std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }

    // For its connections, on its thread.
    const std::shared_ptr<const Snapshot>& snapshot();
    const std::shared_ptr<const policy::View>& policy();
    net::RelayTools relay_tools() noexcept { return {scratch_, pipes_, deadlines, signals}; }
    net::DialTools dial_tools(net::Stream* waiter) noexcept
    {
        return {context, deadlines, signals, shared.resolver, waiter};
    }
    bool draining() const noexcept { return draining_; }
    void add(Connection& connection);
    void remove(Connection& connection) noexcept;
    void add(OpenTunnel& tunnel);
    void remove(OpenTunnel& tunnel) noexcept;

private:
    void set_tick();
    void on_tick();
    void rejudge_if_changed();
    void end_idle();

    net::Pipes pipes_;
    std::vector<char> scratch_;
    std::uint64_t snapshot_version_ = 0, policy_version_ = 0;
    std::shared_ptr<const Snapshot> snapshot_;
    std::shared_ptr<const policy::View> policy_;
    std::vector<Connection*> connections_; ///< each knows its place
    std::vector<OpenTunnel*> tunnels_;
    std::uint64_t judged_snapshot_ = 0, judged_policy_ = 0; ///< what the open tunnels were judged by
    std::int64_t judged_at_ = 0;
    std::atomic<std::size_t> load_{0};
    bool draining_ = false;
    std::int64_t drains_since_ = 0;

public:
    // The context goes before all that the coroutines in it still touch, and after what belongs to it.
    Shared& shared;
    net::Deadlines deadlines;
    net::Signals signals;
    net::asio::io_context context{1};
    OriginPool origins;
    std::size_t held_bytes = 0; ///< of requests' bodies (body_stage.hpp)

private:
    net::asio::basic_waitable_timer<std::chrono::steady_clock, net::asio::wait_traits<std::chrono::steady_clock>,
                                    net::Executor>
        tick_;
    net::asio::executor_work_guard<net::Executor> work_;
    std::thread thread_;
};

} // namespace paravent::server
