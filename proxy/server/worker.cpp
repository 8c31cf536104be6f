#include "proxy/server/worker.hpp"

#include "proxy/server/connection.hpp"
#include "proxy/server/tunnel.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace paravent::server {

namespace asio = net::asio;
using net::awaitable;

namespace {

constexpr std::size_t scratch_size = 64 * 1024;

awaitable<void> run_connection(std::unique_ptr<Connection> connection)
{
    co_await connection->run();
}

/// Each thing in the list knows its place, so that leaving it costs the same however long the list is.
template <class T>
void put(std::vector<T*>& list, T& thing, std::size_t& place)
{
    place = list.size();
    list.push_back(&thing);
}

/// Bytes lie in the socket, or its end: whoever waits for them wakes up by itself.
bool has_unread(int socket) noexcept
{
    char byte = 0;
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

} // namespace

Worker::Worker(Shared& all)
    : scratch_(scratch_size), shared(all), tick_(context.get_executor()), work_(context.get_executor())
{
}

Worker::~Worker()
{
    signals.drop();
}

void Worker::start()
{
    set_tick();
    thread_ = std::thread([this] { context.run(); });
}

void Worker::set_tick()
{
    tick_.expires_after(net::Deadlines::tick);
    tick_.async_wait([this](net::error_code stopped) {
        if (!stopped)
            on_tick();
    });
}

void Worker::on_tick()
{
    const auto now = net::coarse_now();
    deadlines.expire_due(now);
    origins.sweep(now);
    (void)snapshot(); // an idle worker does not keep an old one alive
    rejudge_if_changed();
    if (draining_) {
        for (auto* tunnel : tunnels_)
            tunnel->end_if_idle();
        end_idle();
    }
    set_tick();
}

void Worker::take(int descriptor, asio::ip::tcp protocol, const net::Address& client, Role role)
{
    ++load_;
    // The acceptor runs on one of the workers: for its own connections this is a call and no detour.
    asio::dispatch(context, [this, descriptor, protocol, client, role] {
        net::Socket socket(context.get_executor());
        net::error_code error;
        socket.assign(protocol, descriptor, error);
        if (error) {
            ::close(descriptor);
            shared.census.leave(client);
            --load_;
            return;
        }
        socket.native_non_blocking(true, error);
        socket.set_option(asio::ip::tcp::no_delay(true), error);
        auto connection = std::make_unique<Connection>(*this, std::move(socket), client, role);
        asio::co_spawn(context.get_executor(), run_connection(std::move(connection)), asio::detached);
    });
}

/// After a change of rules or policy, and once a minute, since exceptions and pauses end by themselves.
void Worker::rejudge_if_changed()
{
    constexpr std::int64_t anyway_ms = 60'000;
    const auto snapshot_now = shared.current.version();
    const auto policy_now = shared.policy.version();
    const auto now = net::coarse_now();
    if (snapshot_now == judged_snapshot_ && policy_now == judged_policy_ && now - judged_at_ < anyway_ms)
        return;
    judged_snapshot_ = snapshot_now;
    judged_policy_ = policy_now;
    judged_at_ = now;
    for (auto* tunnel : tunnels_)
        tunnel->rejudge();
}

void Worker::drain()
{
    asio::post(context, [this] {
        draining_ = true;
        drains_since_ = net::coarse_now();
        origins.clear();
        end_idle();
    });
}

void Worker::end_idle()
{
    constexpr std::int64_t moment_ms = 1000;
    const bool may_be_new = net::coarse_now() - drains_since_ < moment_ms;
    for (auto* connection : connections_)
        if (connection->idle && !(may_be_new && connection->fresh) && !has_unread(connection->stream.fd()))
            connection->end();
}

void Worker::stop()
{
    context.stop();
}

void Worker::join()
{
    if (thread_.joinable())
        thread_.join();
}

const std::shared_ptr<const Snapshot>& Worker::snapshot()
{
    if (const auto version = shared.current.version(); version != snapshot_version_) {
        snapshot_ = shared.current.get();
        snapshot_version_ = version;
        origins.clear(); // they were opened under other settings
    }
    return snapshot_;
}

const std::shared_ptr<const policy::View>& Worker::policy()
{
    if (const auto version = shared.policy.version(); !policy_ || version != policy_version_) {
        policy_ = shared.policy.view();
        policy_version_ = version;
    }
    return policy_;
}

void Worker::add(Connection& connection)
{
    put(connections_, connection, connection.place_);
}

void Worker::remove(Connection& connection) noexcept
{
    connections_.back()->place_ = connection.place_;
    connections_[connection.place_] = connections_.back();
    connections_.pop_back();
    --load_;
}

void Worker::add(OpenTunnel& tunnel)
{
    put(tunnels_, tunnel, tunnel.place_);
    ++shared.census.tunnels;
}

void Worker::remove(OpenTunnel& tunnel) noexcept
{
    tunnels_.back()->place_ = tunnel.place_;
    tunnels_[tunnel.place_] = tunnels_.back();
    tunnels_.pop_back();
    --shared.census.tunnels;
}

} // namespace paravent::server
