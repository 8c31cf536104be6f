#include "proxy/server/http2_link.hpp"

#include "proxy/net/error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace paravent::server {

using net::awaitable;

Http2Link::Http2Link(Worker& worker, net::Stream& stream, wire::http2::Role role, wire::http2::Listener& listener,
                     net::Millis idle)
    : session(role, listener), worker_(worker), stream_(stream), idle_(idle), said_(worker.signals),
      written_(worker.signals), rest_(worker.deadlines, session)
{
}

void Http2Link::start_writing()
{
    net::asio::co_spawn(worker_.context.get_executor(), write_all(), net::asio::detached);
}

/// False: nothing more is to be heard.
awaitable<bool> Http2Link::read_on()
{
    in_.release_if_empty();
    if (const auto error = co_await stream_.readable(idle_)) {
        // What waits for somebody has a deadline of its own.
        if (error == net::Error::timeout && session.streams() > 0)
            co_return true;
        peer_left_ = error != net::Error::timeout;
        co_return false;
    }
    const auto n = stream_.try_read(in_.room());
    if (!n)
        co_return net::is_would_block(n.error());
    peer_left_ = *n == 0;
    if (peer_left_)
        co_return false;
    in_.commit(*n);
    const auto error = session.feed(in_.view());
    in_.consume(*n);
    flush();
    if (turn_.used_up(*n)) // one who sends without a pause is not alone here
        co_await net::give_way(worker_.context);
    co_return !error && !session.over();
}

/// Says what there is to say, for as long as anybody listens.
awaitable<void> Http2Link::write_all()
{
    net::Turn turn;
    for (;;) {
        const auto bytes = session.output();
        if (bytes.empty()) {
            if (ended_ || session.over())
                break;
            stream_.rest();
            rest_.soon();
            co_await said_.wait();
            continue;
        }
        if (const auto error = co_await stream_.write(bytes, idle_)) {
            peer_left_ = true;
            break;
        }
        if (turn.used_up(bytes.size()))
            co_await net::give_way(worker_.context);
    }
    if (!ended_)
        stream_.cancel(); // the reader has nothing to wait for
    written_.set();
}

awaitable<void> Http2Link::finish()
{
    ended_ = true;
    if (peer_left_)
        stream_.cancel(); // and what is still being written goes nowhere
    else
        session.shut_down();
    flush();
    co_await written_.wait();
}

} // namespace paravent::server
