#pragma once

#include "proxy/net/awaitable.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/wire/http1.hpp"
#include "proxy/wire/target.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::server {

using Fields = std::vector<wire::http1::Field>;

/// One request and its reply, whatever the version of HTTP. Whoever serves it reads the body or leaves it, then writes
/// a head, perhaps a body, and finishes; back-pressure is in the waits.
class Exchange {
public:
    struct Head {
        std::string_view method;
        wire::Target target;
        const Fields* fields = nullptr;   ///< valid as long as the exchange
        std::string_view version = "1.1"; ///< of HTTP, as it came
        bool has_body = false;
        std::optional<std::uint64_t> length; ///< of the body, where it was announced
        bool expect_continue = false;
        bool te_trailers = false;  ///< the client takes trailers
        std::string_view upgrade;  ///< the protocol it would change to; empty: none
        bool keeps_chunked = true; ///< the client understands a body of unknown length (not HTTP/1.0)
    };
    struct Reply {
        unsigned status = 200;
        const Fields* fields = nullptr; ///< of the origin; hop-by-hop ones are dropped. Null: none
        bool has_body = false;
        std::optional<std::uint64_t> length; ///< of the body; with `has_body` false: announced only (HEAD, 304)
        std::string_view extra;              ///< complete lines of ours
        std::string_view upgrade;            ///< with 101
        bool close = false;                  ///< the connection ends with this reply (HTTP/1)
    };

    virtual ~Exchange() = default;
    virtual const Head& head() const noexcept = 0;

    /// The next bytes of the request's body, empty at its end. They stand until the next call. After a timeout it may
    /// be called again. @param limit for the wait; 0: as long as `limits.idle` allows
    virtual net::awaitable<net::result<std::string_view>> read_body(net::Millis limit) = 0;
    net::awaitable<net::result<std::string_view>> read_body() { return read_body(net::Millis(0)); }
    /// Trailer lines, once the body has ended.
    virtual std::string_view trailer() const noexcept = 0;

    /// A 1xx head other than 101. Left out where the client would not understand it.
    virtual net::awaitable<net::error_code> write_interim(unsigned status, const Fields& fields) = 0;
    /// Kept back until the first bytes of a body or `finish`, so that a small reply is one write.
    virtual void write_head(const Reply& reply) = 0;
    virtual net::awaitable<net::error_code> write_body(std::string_view bytes) = 0;
    virtual net::awaitable<net::error_code> finish(std::string_view trailer = {}) = 0;
    /// The reply cannot be completed, or none can be given: the client sees a cut, never a clean end.
    virtual void abort() noexcept = 0;

    virtual bool begun() const noexcept = 0; ///< a final head was written
    /// Ends a pending `read_body`.
    virtual void cancel_body() noexcept = 0;
    /// The client has gone: it closed or reset, and what it sent was read.
    virtual bool gone() noexcept = 0;
    /// The client's own connection, where one waits for this exchange alone; null elsewhere (HTTP/2).
    virtual net::Stream* waiter() noexcept = 0;
    /// After a 101: the client's bytes as they are; `leftover` takes what was read beyond the head. Null where the
    /// protocol has no such thing (HTTP/2).
    virtual net::Stream* take_over(std::string& leftover) = 0;
};

} // namespace paravent::server
