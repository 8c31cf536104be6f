#include "proxy/server/socks.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/opening.hpp"
#include "proxy/wire/socks5.hpp"

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

    if (snapshot->is_box(request.host)) // its port is the proxy's, too
        co_return co_await say_reply(connection, limits.idle, socks5::Reply::not_allowed);
    auto opened = co_await open(connection, *snapshot, request.host, request.port);
    if (!opened)
        co_return co_await say_reply(connection, limits.idle, reply_of(opened.error()));
    if (stops(opened->judgement))
        co_return co_await say_reply(connection, limits.idle, socks5::Reply::not_allowed);
    co_await say_reply(connection, limits.idle, socks5::Reply::succeeded);
    std::string leftover(connection.in.view());
    connection.in = {};
    co_await go_on(connection, std::move(snapshot), std::move(*opened), request.host, request.port,
                   std::move(leftover));
}

} // namespace paravent::server
