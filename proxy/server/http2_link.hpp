#pragma once

#include "proxy/net/buffer.hpp"
#include "proxy/net/deadlines.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/net/turn.hpp"
#include "proxy/server/worker.hpp"
#include "proxy/wire/http2.hpp"

namespace paravent::server {

/// An HTTP/2 session on a stream: what comes is fed to it, what it has to say is written. Idle, it holds no buffer.
class Http2Link {
public:
    /// All must outlive it; `idle` is the limit of each wait.
    Http2Link(Worker& worker, net::Stream& stream, wire::http2::Role role, wire::http2::Listener& listener,
              net::Millis idle);

    /// Reads and writes until the session is over, the peer has gone, or nothing came for `idle` while no stream was
    /// open. `before_wait` is called each time before it waits for the peer; false ends it.
    template <class BeforeWait>
    net::awaitable<void> run(BeforeWait before_wait);
    /// The session has something to say.
    void flush() noexcept { said_.set(); }
    bool ended() const noexcept { return ended_; } ///< nothing will come any more

    wire::http2::Session session;

private:
    /// The session rests once it had nothing to say for a moment.
    class Rest final : private net::Wait {
    public:
        Rest(net::Deadlines& deadlines, wire::http2::Session& session) noexcept : Wait(deadlines), session_(session) {}
        void soon() noexcept { due_in(moment); }

    private:
        static constexpr net::Millis moment{500};
        void expire() override { session_.rest(); }
        wire::http2::Session& session_;
    };

    net::awaitable<bool> read_on();
    net::awaitable<void> write_all();
    net::awaitable<void> finish();
    void start_writing();

    Worker& worker_;
    net::Stream& stream_;
    const net::Millis idle_;
    net::Buffer in_;
    net::Turn turn_; ///< of the reader
    net::Signal said_, written_;
    Rest rest_;
    bool ended_ = false, peer_left_ = false;
};

template <class BeforeWait>
net::awaitable<void> Http2Link::run(BeforeWait before_wait)
{
    start_writing();
    bool going = true;
    while (going && before_wait())
        going = co_await read_on();
    co_await finish();
}

} // namespace paravent::server
