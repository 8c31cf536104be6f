#include "proxy/server/reply_body.hpp"

#include "proxy/net/error.hpp"
#include "proxy/net/turn.hpp"

namespace paravent::server {

using net::awaitable;
using net::error_code;

namespace {

constexpr std::size_t body_room = 64 * 1024;

} // namespace

awaitable<error_code> relay_reply_body(Worker& worker, Origin& origin, wire::http1::BodyReader& body,
                                       Exchange& exchange, net::Millis idle)
{
    auto& in = origin.in;
    net::Turn turn;
    while (!body.done()) {
        const auto piece = body.gather(in.bytes()); // small chunks leave as one
        if (!piece)
            co_return piece.error();
        if (!piece->payload.empty())
            if (const auto error = co_await exchange.write_body(piece->payload))
                co_return error;
        in.consume(piece->consumed);
        if (body.done())
            break;
        if (turn.used_up(piece->consumed))
            co_await net::give_way(worker.context);
        // A body that goes on gets a buffer worth a system call.
        const auto n = co_await origin.stream->read_some(in.room(in.empty() ? body_room : 1), idle);
        if (!n)
            co_return n.error();
        if (*n == 0) {
            if (body.at_close())
                break;
            co_return net::error_code(net::Error::closed);
        }
        in.commit(*n);
    }
    co_return error_code{};
}

} // namespace paravent::server
