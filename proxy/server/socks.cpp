#include "proxy/server/socks.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/intercept.hpp"
#include "proxy/server/tunnel.hpp"
#include "proxy/wire/socks5.hpp"

#include <algorithm>
#include <optional>

namespace paravent::server {

using net::awaitable;
namespace socks5 = wire::socks5;

namespace {

socks5::Reply reply_of(const net::error_code& error) noexcept
{
    if (error == net::Error::refused_port || error == net::Error::refused_destination || error == net::Error::loop)
        return socks5::Reply::not_allowed;
    if (error == net::Error::dns || error == net::Error::timeout)
        return socks5::Reply::host_unreachable;
    if (error == net::Error::connect)
        return socks5::Reply::connection_refused;
    return socks5::Reply::general_failure;
}

/// Reads until `parse` has its message, by `until`. False: it will not come.
template <class Parse>
awaitable<bool> hear(Connection& connection, std::int64_t until, Parse parse)
{
    for (;;) {
        const auto used = parse(connection.in.view());
        if (!used)
            co_return false;
        if (*used > 0) {
            connection.in.consume(*used);
            co_return true;
        }
        const net::Millis left{until - net::coarse_now()};
        if (left <= net::Millis(0))
            co_return false;
        const auto n = co_await connection.stream.read_some(connection.in.room(), left);
        if (!n || *n == 0)
            co_return false;
        connection.in.commit(*n);
    }
}

awaitable<void> say_reply(Connection& connection, net::Millis limit, socks5::Reply code)
{
    const auto bytes = socks5::reply(code);
    (void)co_await connection.stream.write({bytes.data(), bytes.size()}, limit);
}

/// What was opened; a way alone, a plan alone (the host is remembered), or both.
struct Opened {
    std::optional<Interception> plan;
    std::optional<Way> way;
};

/// "LIST/ID" decided against it, or the settings do.
awaitable<net::result<Opened>> open(Connection& connection, const Snapshot& snapshot, const socks5::Request& request)
{
    if (const auto error = snapshot.destinations.judge_port(request.port))
        co_return error;
    const auto& names = snapshot.settings->dashboard.names;
    if (std::ranges::find(names, request.host) != names.end())
        co_return net::error_code(net::Error::loop);
    Opened opened;
    opened.plan = plan_interception(connection, snapshot, request.host);
    const auto judgement = opened.plan ? judge_outside(connection, snapshot, request.host)
                                       : judge_host(connection, snapshot, request.host);
    if (judgement.action == rules::Action::block || judgement.action == rules::Action::answer)
        co_return net::error_code(net::Error::refused_destination);
    if (opened.plan && is_remembered(connection, snapshot, request.host, request.port))
        co_return std::move(opened);
    auto way =
        co_await open_way(connection.worker, snapshot, request.host, request.port, Purpose::tunnel, &connection.stream);
    if (!way)
        co_return way.error();
    opened.way = std::move(*way);
    co_return std::move(opened);
}

} // namespace

awaitable<void> serve_socks(Connection& connection)
{
    auto snapshot = connection.worker.snapshot();
    const auto limits = snapshot->settings->limits;
    const auto until = net::coarse_now() + limits.head.count();
    socks5::Greeting greeting;
    if (!co_await hear(connection, until, [&](auto in) { return socks5::parse_greeting(in, greeting); }))
        co_return;
    const auto method = greeting.no_authentication ? socks5::method_none : socks5::method_unacceptable;
    if (co_await connection.stream.write(method, limits.idle) || !greeting.no_authentication)
        co_return;
    socks5::Request request;
    if (!co_await hear(connection, until, [&](auto in) { return socks5::parse_request(in, request); }))
        co_return co_await say_reply(connection, limits.idle, socks5::Reply::general_failure);
    if (request.refusal != socks5::Reply::succeeded)
        co_return co_await say_reply(connection, limits.idle, request.refusal);

    auto opened = co_await open(connection, *snapshot, request);
    if (!opened)
        co_return co_await say_reply(connection, limits.idle, reply_of(opened.error()));
    co_await say_reply(connection, limits.idle, socks5::Reply::succeeded);
    std::string leftover(connection.in.view());
    connection.in = {};
    if (opened->plan)
        co_return co_await intercept(connection, std::move(snapshot), std::move(*opened->plan), request.host,
                                     request.port, std::move(leftover), std::move(opened->way));
    const auto quiet = tunnel_limits(*snapshot);
    snapshot.reset();
    co_await run_tunnel(connection, quiet, request.host, std::move(leftover), std::move(*opened->way));
}

} // namespace paravent::server
