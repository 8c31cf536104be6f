#pragma once

#include "proxy/server/exchange.hpp"
#include "proxy/server/http2_connection.hpp"
#include "proxy/server/http2_stream.hpp"

#include <string>

namespace paravent::server {

/// One request of a client on a stream of its own.
class Http2Exchange final : public Exchange {
public:
    /// `end`: no body follows.
    Http2Exchange(Http2Connection& its, wire::http2::StreamId id, wire::http2::Message message, bool end);
    /// At its end: a response that was begun and not brought to its end must not look whole.
    void leave() noexcept;

    /// From a message that is well-formed to a request that this connection may carry.
    net::error_code understand();
    Http2Stream stream;

    const Head& head() const noexcept override { return head_; }
    net::awaitable<net::result<std::string_view>> read_body(net::Millis limit) override { return stream.read(limit); }
    std::string_view trailer() const noexcept override { return stream.trailer(); }
    net::awaitable<net::error_code> write_interim(unsigned status, const Fields& fields) override;
    void write_head(const Reply& reply) override;
    net::awaitable<net::error_code> write_body(std::string_view bytes) override { return stream.write(bytes); }
    net::awaitable<net::error_code> finish(std::string_view trailer) override;
    void abort() noexcept override;
    bool begun() const noexcept override { return begun_; }
    void cancel_body() noexcept override { stream.give_up(); }
    bool gone() noexcept override;
    net::Stream* waiter() noexcept override { return nullptr; }
    net::Stream* take_over(std::string&) override { return nullptr; }

private:
    Http2Link& link_;
    Connection& connection_;
    wire::http2::Message message_;
    std::string url_; ///< what the target's path views
    Head head_;
    bool begun_ = false, finished_ = false;
};

} // namespace paravent::server
