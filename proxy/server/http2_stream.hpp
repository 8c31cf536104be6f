#pragma once

#include "proxy/net/pause.hpp"
#include "proxy/server/http2_link.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace paravent::server {

/// One stream of a link, as both its ends have it: the body that comes, and the one that goes. Every wait ends when
/// the stream is lost or somebody gives it up.
class Http2Stream {
public:
    Http2Stream(Worker& worker, Http2Link& link, net::Millis idle)
        : link_(link), idle_(idle), came_(worker.deadlines, worker.signals), room_(worker.deadlines, worker.signals)
    {
    }
    Http2Stream(const Http2Stream&) = delete;
    Http2Stream& operator=(const Http2Stream&) = delete;

    wire::http2::StreamId id = 0;

    // What the session tells.
    void take(std::string_view bytes)
    {
        body_.append(bytes);
        came_.ring();
    }
    void end(std::string trailer)
    {
        trailer_ = std::move(trailer);
        ended_ = true;
        came_.ring();
    }
    void lose() noexcept
    {
        lost_ = true;
        came_.ring();
        room_.ring();
    }
    void has_room() noexcept { room_.ring(); }
    void has_come() noexcept { came_.ring(); }

    /// Ends every wait, now and later.
    void give_up() noexcept
    {
        given_up_ = true;
        came_.ring();
        room_.ring();
    }
    bool lost() const noexcept { return lost_; }
    bool ended() const noexcept { return ended_; }
    const std::string& trailer() const noexcept { return trailer_; }

    /// Waits for whatever comes next of the peer.
    net::awaitable<net::error_code> wait() { return wait(idle_); }
    net::awaitable<net::error_code> wait(net::Millis limit);
    /// The next bytes, empty at the end; they stand until the next call, and only then the peer may send more.
    /// @param limit for the wait; 0: as long as an idle stream may be waited for
    net::awaitable<net::result<std::string_view>> read(net::Millis limit = net::Millis(0));
    net::awaitable<net::error_code> write(std::string_view bytes);
    void extend(net::Millis limit) noexcept { came_.extend(limit); }
    /// The stream is no longer of interest: what came and was not read makes room for others.
    void drop() noexcept;

private:
    net::error_code trouble() const noexcept;
    void give_back(std::string& bytes) noexcept;

    Http2Link& link_;
    const net::Millis idle_;
    net::Pause came_, room_;
    std::string body_, given_; ///< come and not yet read; read last
    std::string trailer_;
    bool ended_ = false, lost_ = false, given_up_ = false;
};

} // namespace paravent::server
