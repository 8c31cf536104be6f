#include "proxy/server/upload.hpp"

#include "proxy/net/turn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace paravent::server {

using net::awaitable;

Upload::Upload(Worker& worker, Exchange& exchange, Upstream& upstream, net::Millis idle)
    : worker_(worker), exchange_(exchange), upstream_(upstream), idle_(idle), ended_(worker.signals)
{
}

void Upload::start()
{
    started_ = running_ = true;
    net::asio::co_spawn(worker_.context.get_executor(), run(), net::asio::detached);
}

awaitable<void> Upload::stop()
{
    if (!started_)
        co_return;
    stopping_ = true;
    if (running_) {
        exchange_.cancel_body();
        upstream_.cancel();
    }
    co_await ended_.wait();
}

awaitable<void> Upload::run()
{
    co_await send();
    running_ = false;
    ended_.set();
}

awaitable<void> Upload::send()
{
    net::Turn turn;
    for (;;) {
        const auto piece = co_await exchange_.read_body();
        if (stopping_)
            co_return;
        if (!piece) {
            client_failed_ = !stopping_;
            error_ = piece.error();
            if (client_failed_)
                upstream_.cancel(); // ends the wait for a reply that nobody will read
            co_return;
        }
        if (piece->empty())
            break;
        if (co_await upstream_.write_body(*piece))
            co_return; // its reply may still be there to read
        upstream_.extend(idle_);
        if (turn.used_up(piece->size()))
            co_await net::give_way(worker_.context);
        if (stopping_)
            co_return;
    }
    if (co_await upstream_.end_body(exchange_.trailer()))
        co_return;
    upstream_.extend(idle_);
    whole_ = true;
}

} // namespace paravent::server
