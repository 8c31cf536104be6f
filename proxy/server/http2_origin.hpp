#pragma once

#include "proxy/server/http2_link.hpp"
#include "proxy/server/upstream.hpp"
#include "proxy/tls/origin_side.hpp"

#include <memory>
#include <unordered_map>

namespace paravent::server {

class Http2Upstream;

/// A connection to an origin that speaks HTTP/2, for any number of requests at a time. It lives as long as it reads or
/// writes, or a request is on it.
class Http2Origin final : public std::enable_shared_from_this<Http2Origin>, private wire::http2::Listener {
public:
    /// `side` stays as long as the stream's TLS.
    Http2Origin(Worker& worker, std::unique_ptr<net::Stream> stream, std::shared_ptr<tls::OriginSide> side,
                net::Millis idle);
    ~Http2Origin() override;

    void start();
    /// It takes another request now.
    bool usable() const { return !link_.ended() && link_.session.takes_requests(); }
    bool over() const noexcept { return link_.ended(); }
    std::unique_ptr<Upstream> upstream();
    /// Nobody will ask for anything more.
    void stop() noexcept;

private:
    friend class Http2Upstream;
    static net::awaitable<void> run(std::shared_ptr<Http2Origin> self);
    void on_head(wire::http2::StreamId stream, wire::http2::Message head, bool end) override;
    void on_interim(wire::http2::StreamId stream, wire::http2::Message head) override;
    void on_body(wire::http2::StreamId stream, std::string_view bytes) override;
    void on_end(wire::http2::StreamId stream, std::string trailer) override;
    void on_reset(wire::http2::StreamId stream, std::uint32_t code) override;
    void on_room(wire::http2::StreamId stream) override;
    Http2Upstream* find(wire::http2::StreamId stream) noexcept;

    Worker& worker_;
    const std::shared_ptr<tls::OriginSide> side_;
    const std::unique_ptr<net::Stream> stream_;
    const net::Millis idle_;
    Http2Link link_;
    std::unordered_map<wire::http2::StreamId, Http2Upstream*> upstreams_;
    bool used_ = false, stopped_ = false;
};

} // namespace paravent::server
