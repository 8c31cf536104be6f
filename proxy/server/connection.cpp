#include "proxy/server/connection.hpp"

#include "proxy/net/error.hpp"
#include "proxy/net/turn.hpp"
#include "proxy/server/box_tls.hpp"
#include "proxy/server/http1_connection.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/serve.hpp"
#include "proxy/server/socks.hpp"
#include "proxy/server/transparent.hpp"
#include "proxy/server/tunnel.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace paravent::server {

using net::awaitable;

namespace {

constexpr char tls_record = '\x16'; ///< a handshake (RFC 8446, section 5.1)
/// What an exchange counts for beside its body: a client that pipelines gives way to others as well.
constexpr std::size_t share_of_exchange = net::Turn::share / 32;

} // namespace

Connection::Connection(Worker& its_worker, net::Socket socket, const net::Address& client, Role its_role)
    : worker(its_worker), stream(std::move(socket), its_worker.deadlines), role(its_role), client_address_(client),
      address_(client.to_string())
{
    worker.add(*this);
}

Connection::~Connection()
{
    worker.remove(*this);
    worker.shared.census.leave(client_address_);
}

const std::shared_ptr<const policy::Client>& Connection::client()
{
    const auto& view = worker.policy();
    if (view != view_) {
        view_ = view;
        client_ = view->client(address_);
        if (!client_)
            client_ = worker.shared.policy.meet(address_);
        const auto now = wall_clock_ms();
        if (client_->is_to_be_noted(now))
            worker.shared.policy.seen(client_->device.id, now);
    }
    return client_;
}

std::string Connection::dialled(const std::string& host) const
{
    return original ? net::unmapped(original->address()).to_string() : host;
}

void Connection::count_unjudged()
{
    if (!counted_unjudged_)
        worker.shared.statistics.count_unjudged();
    counted_unjudged_ = true;
}

void Connection::note_trust()
{
    const bool ours = inside || !secured_by.empty(); // a CONNECT came before there was any TLS
    if (!ours || std::exchange(asked_, true))
        return;
    auto& interception = worker.shared.interception;
    if (inside)
        interception.bypasses().succeeded(inside->device, inside->host, wall_clock_ms());
    if (secured_by.empty())
        return;
    const std::string device = client()->device.id;
    interception.trust().proved(device, secured_by, wall_clock_ms());
    worker.shared.policy.set_trust(device, policy::Device::Trust::yes);
    net::asio::post(worker.shared.site_thread, [&interception] { (void)interception.save(); });
}

/// The first byte tells SOCKS5 (0x05) and TLS (0x16) from HTTP (a method's letter); anything else ends as a bad
/// request. What comes by steered or redirected ports was meant for somebody else: a story of its own.
awaitable<void> Connection::run()
{
    idle = true;
    const auto limit = worker.snapshot()->settings->limits.head;
    const auto silent = co_await stream.readable(limit);
    idle = false;
    if (silent)
        co_return;
    const auto n = co_await stream.read_some(in.room(), limit); // readiness may be a false alarm
    if (!n || *n == 0)
        co_return;
    in.commit(*n);
    fresh = false;
    if (role == Role::proxy && in.view().front() == '\x05') {
        co_await serve_socks(*this);
        co_return;
    }
    if (role == Role::steered || role == Role::redirected) {
        co_await serve_transparent(*this);
        co_return;
    }
    if (role == Role::dashboard && in.view().front() == tls_record) {
        co_await serve_box(*this);
        co_return;
    }
    co_await serve_http1();
}

awaitable<void> Connection::serve_http1()
{
    Http1Connection http(*this);
    net::Turn turn;
    while (co_await http.next()) {
        if (http.is_connect()) {
            co_await serve_connect(*this, http);
            co_return;
        }
        co_await serve(*this, http);
        if (!co_await http.settle())
            co_return;
        if (turn.used_up(share_of_exchange))
            co_await net::give_way(worker.context);
    }
    stream.shutdown_send(); // between two requests it is a clean end, which TLS has a word for
}

} // namespace paravent::server
