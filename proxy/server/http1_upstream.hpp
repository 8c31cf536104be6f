#pragma once

#include "proxy/server/origin_pool.hpp"
#include "proxy/server/upstream.hpp"
#include "proxy/wire/http1.hpp"

#include <functional>
#include <string>

namespace paravent::server {

/// An exchange on a connection that speaks HTTP/1, which is the exchange's alone until `release`.
class Http1Upstream final : public Upstream {
public:
    /// `keep` takes the connection back where it can be used again.
    Http1Upstream(Origin origin, net::Millis idle, std::function<void(Origin)> keep)
        : origin_(std::move(origin)), idle_(idle), keep_(std::move(keep))
    {
    }

    net::awaitable<net::error_code> send(const config::Settings& settings, const Exchange::Head& head) override;
    net::awaitable<net::error_code> write_body(std::string_view bytes) override;
    net::awaitable<net::error_code> end_body(std::string_view trailer) override;
    net::awaitable<net::error_code> read_head(ReplyHead& head) override;
    net::awaitable<net::result<std::string_view>> read_body() override;
    std::string_view trailer() const noexcept override { return body_.trailer(); }
    bool untouched() const noexcept override { return origin_.reused && !heard_; }
    void cancel() noexcept override { origin_.stream->cancel(); }
    void extend(net::Millis limit) noexcept override { origin_.stream->extend(limit); }
    net::Stream* take_over(std::string& leftover) override;
    void release(bool sent_whole) override;

private:
    net::error_code understand(ReplyHead& head);
    std::optional<std::uint64_t> announced_length() const;

    Origin origin_;
    const net::Millis idle_;
    std::function<void(Origin)> keep_;
    std::string method_; ///< of the request: it decides what a reply's length means
    bool asked_upgrade_ = false, has_body_ = false, chunked_ = false, heard_ = false;
    std::string frame_; ///< a chunk's head
    wire::http1::ResponseHead reply_;
    wire::http1::BodyReader body_;
    std::size_t to_consume_ = 0; ///< of the buffer: what the last call gave
};

} // namespace paravent::server
