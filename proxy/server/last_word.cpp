#include "proxy/server/last_word.hpp"

#include "proxy/wire/http1.hpp"

namespace paravent::server {

namespace h1 = wire::http1;
using net::awaitable;

namespace {

constexpr net::Millis linger_limit{1000};

} // namespace

awaitable<void> say_last(Connection& connection, unsigned status, std::string extra, std::string text)
{
    text += '\n';
    extra += "Content-Type: text/plain; charset=utf-8\r\n";
    h1::Reply reply;
    reply.status = status;
    reply.framing = h1::Framing::length;
    reply.length = text.size();
    reply.keep_alive = false;
    reply.extra = extra;
    std::string bytes;
    h1::write_response(bytes, reply, {});
    if (!co_await connection.stream.write(bytes, linger_limit, text))
        co_await linger(connection);
}

awaitable<void> linger(Connection& connection)
{
    connection.stream.shutdown_send();
    const auto until = net::coarse_now() + linger_limit.count();
    for (std::size_t all = 0; all < worth_draining && net::coarse_now() < until;) {
        if (co_await connection.stream.readable(net::Millis(until - net::coarse_now())))
            break;
        const auto n = connection.stream.try_read(connection.worker.relay_tools().scratch);
        if (n && *n == 0)
            break;
        if (!n && !net::is_would_block(n.error()))
            break;
        all += n ? *n : 0;
    }
}

} // namespace paravent::server
