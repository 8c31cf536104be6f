#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/http2_link.hpp"

#include <memory>
#include <unordered_map>

namespace paravent::server {

class Http2Exchange;

/// HTTP/2 towards a client, inside an intercepted connection: each stream is an exchange, served beside the others.
class Http2Connection final : private wire::http2::Listener {
public:
    explicit Http2Connection(Connection& connection);
    ~Http2Connection() override;

    /// To the end of the connection and of its last exchange.
    net::awaitable<void> run();

private:
    friend class Http2Exchange;
    void on_head(wire::http2::StreamId stream, wire::http2::Message head, bool end) override;
    void on_interim(wire::http2::StreamId, wire::http2::Message) override {}
    void on_body(wire::http2::StreamId stream, std::string_view bytes) override;
    void on_end(wire::http2::StreamId stream, std::string trailer) override;
    void on_reset(wire::http2::StreamId stream, std::uint32_t code) override;
    void on_room(wire::http2::StreamId stream) override;

    bool before_wait();
    net::awaitable<void> serve_exchange(std::unique_ptr<Http2Exchange> exchange);

    Connection& connection_;
    const net::Millis idle_;
    Http2Link link_;
    std::unordered_map<wire::http2::StreamId, Http2Exchange*> exchanges_;
    net::Signal all_served_;
    bool shutting_down_ = false;
};

} // namespace paravent::server
