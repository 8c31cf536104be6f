#pragma once

#include "proxy/server/http2_origin.hpp"
#include "proxy/server/http2_stream.hpp"
#include "proxy/server/upstream.hpp"

#include <deque>
#include <memory>

namespace paravent::server {

/// An exchange on a stream of its own.
class Http2Upstream final : public Upstream {
public:
    explicit Http2Upstream(std::shared_ptr<Http2Origin> origin);
    ~Http2Upstream() override;

    // What the session tells.
    void on_head(wire::http2::Message head, bool end);
    void on_reset(std::uint32_t code);
    Http2Stream stream;

    net::awaitable<net::error_code> send(const config::Settings& settings, const Exchange::Head& head) override;
    net::awaitable<net::error_code> write_body(std::string_view bytes) override { return stream.write(bytes); }
    net::awaitable<net::error_code> end_body(std::string_view trailer) override;
    net::awaitable<net::error_code> read_head(ReplyHead& head) override;
    net::awaitable<net::result<std::string_view>> read_body() override { return stream.read(); }
    std::string_view trailer() const noexcept override { return stream.trailer(); }
    bool untouched() const noexcept override { return refused_ || (reused_ && !heard_); }
    void cancel() noexcept override { stream.give_up(); }
    void extend(net::Millis limit) noexcept override { stream.extend(limit); }
    net::Stream* take_over(std::string&) override { return nullptr; }
    void release(bool) override {}

private:
    const std::shared_ptr<Http2Origin> origin_;
    Http2Link& link_;
    std::deque<wire::http2::Message> heads_; ///< come and not yet read, 1xx before the final one; then the one read
    bool given_ = false;                     ///< the first of them was handed out
    bool end_at_head_ = false, reused_ = false, refused_ = false, heard_ = false, sent_ = false;
};

} // namespace paravent::server
