#include "proxy/server/upload.hpp"

#include "proxy/net/turn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace paravent::server {

using net::awaitable;
namespace h1 = wire::http1;

Upload::Upload(Worker& worker, Exchange& exchange, net::Stream& origin, net::Millis idle)
    : worker_(worker), exchange_(exchange), origin_(origin), idle_(idle), ended_(worker.signals)
{
}

void Upload::start(bool chunked)
{
    started_ = running_ = true;
    net::asio::co_spawn(worker_.context.get_executor(), run(chunked), net::asio::detached);
}

awaitable<void> Upload::stop()
{
    if (!started_)
        co_return;
    stopping_ = true;
    if (running_) {
        exchange_.cancel_body();
        origin_.cancel();
    }
    co_await ended_.wait();
}

awaitable<void> Upload::run(bool chunked)
{
    co_await send(chunked);
    running_ = false;
    ended_.set();
}

awaitable<void> Upload::send(bool chunked)
{
    std::string frame;
    net::Turn turn;
    for (;;) {
        const auto piece = co_await exchange_.read_body();
        if (stopping_)
            co_return;
        if (!piece) {
            client_failed_ = !stopping_;
            error_ = piece.error();
            if (client_failed_)
                origin_.cancel(); // ends the wait for a reply that nobody will read
            co_return;
        }
        if (piece->empty())
            break;
        if (chunked) {
            frame.clear();
            h1::write_chunk_head(frame, piece->size());
            if (co_await origin_.write(frame, idle_, *piece, "\r\n"))
                co_return; // its reply may still be there to read
        } else if (co_await origin_.write(*piece, idle_)) {
            co_return;
        }
        origin_.extend(idle_);
        if (turn.used_up(piece->size()))
            co_await net::give_way(worker_.context);
        if (stopping_)
            co_return;
    }
    if (chunked) {
        frame.clear();
        h1::write_last_chunk(frame, exchange_.trailer());
        if (co_await origin_.write(frame, idle_))
            co_return;
    }
    origin_.extend(idle_);
    whole_ = true;
}

} // namespace paravent::server
