#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"

#include <string>

namespace paravent::server {

/// HTTP/1 towards a client: turns bytes into exchanges, one at a time, answered in order.
class Http1Connection final : public Exchange {
public:
    explicit Http1Connection(Connection& connection) : connection_(connection) {}

    /// Waits for the next request and reads its head. False: there is none (the client closed, was idle too long, the
    /// proxy drains), or it was refused and answered.
    net::awaitable<bool> next();
    /// After an exchange: drops what is left of it. False: the connection cannot go on.
    net::awaitable<bool> settle();
    /// The CONNECT that `next` brought: bytes beyond the head belong to the tunnel.
    bool is_connect() const noexcept { return connect_; }
    std::string take_leftover();
    unsigned minor() const noexcept { return head_.minor; }

    const Head& head() const noexcept override { return info_; }
    net::awaitable<net::result<std::string_view>> read_body(net::Millis limit) override;
    std::string_view trailer() const noexcept override { return body_.trailer(); }
    net::awaitable<net::error_code> write_interim(unsigned status, const Fields& fields) override;
    void write_head(const Reply& reply) override;
    net::awaitable<net::error_code> write_body(std::string_view bytes) override;
    net::awaitable<net::error_code> finish(std::string_view trailer) override;
    void abort() noexcept override;
    bool begun() const noexcept override { return begun_; }
    void cancel_body() noexcept override { connection_.stream.cancel(); }
    bool gone() noexcept override { return connection_.stream.ended(); }
    net::Stream* waiter() noexcept override { return &connection_.stream; }
    net::Stream* take_over(std::string& leftover) override;

    /// Refuses what cannot be served before there is an exchange, and closes.
    net::awaitable<void> refuse(unsigned status, std::string_view code, std::string_view sentence);
    /// 403 with the rule in `extra` (complete lines), and closes.
    net::awaitable<void> refuse_blocked(std::string extra, std::string sentence);

private:
    enum class Arrival : std::uint8_t { head, nothing };
    net::awaitable<net::result<Arrival>> read_head();
    net::error_code understand();
    net::error_code aim_inside(wire::Target& target) const;
    net::error_code aim_by_host(wire::Target& target) const;
    net::error_code judge_begun_body() const;
    const config::Settings& settings() const { return *connection_.worker.snapshot()->settings; }

    Connection& connection_;
    wire::http1::RequestHead head_;
    Head info_;
    wire::http1::BodyReader body_;
    net::Buffer body_bytes_; ///< what was read beyond `in` while the head stands there
    std::size_t head_size_ = 0;
    std::size_t to_consume_ = 0; ///< of the buffer that gave the last piece
    bool reads_in_ = true;       ///< pieces still come from the buffer that holds the head
    bool connect_ = false, begun_ = false, finished_ = false, cut_ = false, keep_alive_ = true, taken_over_ = false;
    wire::http1::Framing framing_ = wire::http1::Framing::none; ///< of the reply
    std::string out_;                                           ///< head and chunk heads not yet written
};

} // namespace paravent::server
