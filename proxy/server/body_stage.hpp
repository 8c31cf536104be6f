#pragma once

#include "proxy/server/exchange_layer.hpp"
#include "proxy/server/judge.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace paravent::server {

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

/// The beginning of a request's body, read before anything is done about the request.
struct Captured {
    explicit Captured(Worker& worker) : turn(worker) {}

    std::string bytes;
    bool whole = false; ///< nothing follows
    CaptureTurn turn;
};

inline constexpr net::Millis capture_limit{5000}; ///< for all of it

/// Whether a request has a body that tells Meta more than its address does.
bool tells_in_body(const Exchange& exchange, const Asked& asked, const Judgement& judgement);
/// Reads until the body has ended, or a bound is reached. After an error `captured` has what came before it.
net::awaitable<net::error_code> capture(Exchange& exchange, Captured& captured);
/// What a request carries for the decoders. Its views are into `captured` and the head's fields.
/// @param captured null where the body was not looked at
Carried carried_by(const Exchange::Head& head, const Captured* captured);
/// For a request whose body could not be read to its end: 400 where its framing is wrong, else nobody is left to hear.
net::awaitable<void> answer_unread(Exchange& exchange, net::error_code error);

/// An exchange of whose body some was captured: whoever reads it gets that first, and then what follows.
class Replayed final : public ExchangeLayer {
public:
    Replayed(Exchange& exchange, std::unique_ptr<Captured> captured);

    const Head& head() const noexcept override { return head_; }
    net::awaitable<net::result<std::string_view>> read_body(net::Millis limit) override;

private:
    Head head_;
    std::unique_ptr<Captured> captured_; ///< gone once it was handed on: a reply may take its time
    std::size_t handed_ = 0;             ///< of the captured bytes
    bool whole_;
};

} // namespace paravent::server
