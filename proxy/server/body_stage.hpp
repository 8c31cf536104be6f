#pragma once

#include "proxy/server/exchange_layer.hpp"
#include "proxy/server/judge.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace paravent::server {

/// Of a worker's requests, what may be held of their bodies at once; the next ones are judged by their address.
inline constexpr std::size_t most_held_bytes = 32 * 1024 * 1024;

/// What one of them holds, as long as it lives.
class HeldBytes {
public:
    explicit HeldBytes(Worker& worker) noexcept : all_(worker.held_bytes) {}
    ~HeldBytes() { all_ -= mine_; }
    HeldBytes(const HeldBytes&) = delete;
    HeldBytes& operator=(const HeldBytes&) = delete;

    /// Returns false, and counts nothing, where that is too much.
    bool more(std::size_t bytes) noexcept
    {
        if (bytes > most_held_bytes - all_)
            return false;
        all_ += bytes;
        mine_ += bytes;
        return true;
    }

private:
    std::size_t& all_;
    std::size_t mine_ = 0;
};

/// The beginning of a request's body, read before anything is done about the request.
struct Captured {
    explicit Captured(Worker& worker) noexcept : held(worker) {}

    std::string bytes;
    bool whole = false; ///< nothing follows
    HeldBytes held;
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
    /// The captured bytes are not wanted any more.
    void drop() noexcept { captured_.reset(); }

private:
    Head head_;
    std::unique_ptr<Captured> captured_; ///< gone once it was handed on: a reply may take its time
    std::size_t handed_ = 0;             ///< of the captured bytes
    bool whole_;
};

} // namespace paravent::server
