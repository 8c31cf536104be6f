#pragma once

#include "proxy/server/judge.hpp"

#include <cstddef>
#include <string>

namespace paravent::server {

/// The beginning of a request's body, read before anything is done about the request.
struct Captured {
    std::string bytes;
    bool whole = false; ///< nothing follows
};

/// A worker's requests whose bodies are being held: the next ones are judged by their address.
inline constexpr unsigned most_captures = 32;

/// One of them, as long as it lives.
class CaptureTurn {
public:
    explicit CaptureTurn(Worker& worker) noexcept : running_(worker.captures) { ++running_; }
    ~CaptureTurn() { --running_; }
    CaptureTurn(const CaptureTurn&) = delete;
    CaptureTurn& operator=(const CaptureTurn&) = delete;

private:
    unsigned& running_;
};

inline constexpr net::Millis capture_limit{5000}; ///< for all of it, looked at between two pieces

/// Whether a request has a body that tells Meta more than its address does.
bool tells_in_body(const Exchange& exchange, const Asked& asked, const Judgement& judgement);
/// Reads until the body has ended, or a bound is reached. After an error `captured` has what came before it.
net::awaitable<net::error_code> capture(Exchange& exchange, Captured& captured);
/// What a request carries for the decoders. Its views are into `captured` (null: nothing was) and the head's fields.
Carried carried_by(const Exchange::Head& head, const Captured* captured);
/// For a request whose body could not be read to its end: 400 where its framing is wrong, else nobody is left to hear.
net::awaitable<void> answer_unread(Exchange& exchange, net::error_code error);

/// An exchange of whose body some was captured: whoever reads it gets that first, and then what follows.
class Replayed final : public Exchange {
public:
    /// @param exchange must outlive it
    Replayed(Exchange& exchange, Captured captured);

    const Head& head() const noexcept override { return head_; }
    net::awaitable<net::result<std::string_view>> read_body() override;
    std::string_view trailer() const noexcept override { return exchange_.trailer(); }
    net::awaitable<net::error_code> write_interim(unsigned status, const Fields& fields) override
    {
        return exchange_.write_interim(status, fields);
    }
    void write_head(const Reply& reply) override { exchange_.write_head(reply); }
    net::awaitable<net::error_code> write_body(std::string_view bytes) override { return exchange_.write_body(bytes); }
    net::awaitable<net::error_code> finish(std::string_view trailer) override { return exchange_.finish(trailer); }
    void abort() noexcept override { exchange_.abort(); }
    bool begun() const noexcept override { return exchange_.begun(); }
    void cancel_body() noexcept override { exchange_.cancel_body(); }
    bool gone() noexcept override { return exchange_.gone(); }
    net::Stream* waiter() noexcept override { return exchange_.waiter(); }
    net::Stream* take_over(std::string& leftover) override { return exchange_.take_over(leftover); }

    const Captured& captured() const noexcept { return captured_; } ///< until `read_body` went past it

private:
    Exchange& exchange_;
    Head head_;
    Captured captured_;
    std::size_t handed_ = 0; ///< of the captured bytes
};

} // namespace paravent::server
