#pragma once

#include "config/settings.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/server/exchange.hpp"

namespace paravent::server {

/// The head of an origin's reply; what it views stands until the next call for the reply.
struct ReplyHead {
    unsigned status = 0; ///< 100 to 999
    const Fields* fields = nullptr;
    bool has_body = false;
    std::optional<std::uint64_t> length; ///< of the body; without one announced only (HEAD, 304)
    std::string_view upgrade;            ///< with 101
};

/// One request on its way to an origin and its reply, whatever the version of HTTP: the counterpart of Exchange. Its
/// body and its reply may be under way at the same time.
class Upstream {
public:
    Upstream() = default;
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;
    virtual ~Upstream() = default;

    /// The request's head.
    virtual net::awaitable<net::error_code> send(const config::Settings& settings, const Exchange::Head& head) = 0;
    virtual net::awaitable<net::error_code> write_body(std::string_view bytes) = 0;
    virtual net::awaitable<net::error_code> end_body(std::string_view trailer) = 0;

    /// The next head: any number of 1xx, then the final one.
    virtual net::awaitable<net::error_code> read_head(ReplyHead& head) = 0;
    /// The next bytes of the reply's body, empty at its end. They stand until the next call.
    virtual net::awaitable<net::result<std::string_view>> read_body() = 0;
    virtual std::string_view trailer() const noexcept = 0; ///< complete lines, once the body has ended

    /// The request can be sent again: its connection had been used before, and ended of age without a byte of a reply;
    /// or the origin said that it did not look at it.
    virtual bool untouched() const noexcept = 0;
    /// Ends every wait with an error.
    virtual void cancel() noexcept = 0;
    /// Something else moved: a wait may go on for this much longer.
    virtual void extend(net::Millis limit) noexcept = 0;
    /// After a 101: the origin's bytes as they are. Null where the protocol has no such thing.
    virtual net::Stream* take_over(std::string& leftover) = 0;
    /// The exchange is complete; `sent_whole`: so was the request. Its connection may serve others.
    virtual void release(bool sent_whole) = 0;
};

} // namespace paravent::server
