#pragma once

#include "proxy/net/stream.hpp"
#include "proxy/tls/session.hpp"

#include <memory>

namespace paravent::server {

/// TLS on a stream. First the handshake, over the stream's own bytes, then it is put on the stream.
class TlsLayer final : public net::Layer, public tls::Transport {
public:
    /// @param stream must outlive it
    explicit TlsLayer(net::Stream& stream) noexcept : stream_(stream) {}

    /// Once, before anything else; the session was made with this as its transport.
    void begin(std::unique_ptr<tls::Session> session) noexcept { session_ = std::move(session); }
    tls::Session& session() noexcept { return *session_; }
    /// Until it is complete, has failed, or `limit` is over (then it was cut).
    net::awaitable<tls::Session::Outcome> shake_hands(net::Millis limit);

    net::result<std::size_t> read(std::span<char> into) noexcept override;
    net::result<std::size_t> write(std::span<const iovec> pieces) noexcept override;
    bool holds_bytes() const noexcept override { return session_->holds_bytes(); }
    void rest() noexcept override { session_->rest(); }
    void end() noexcept override { (void)session_->close(); }

private:
    boost::system::result<std::size_t> take(std::span<char> into) noexcept override;
    boost::system::result<std::size_t> give(std::string_view bytes) noexcept override;

    net::Stream& stream_;
    std::unique_ptr<tls::Session> session_;
};

} // namespace paravent::server
