#pragma once

#include "proxy/wire/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// HTTP/1.1 without I/O (RFC 9110, RFC 9112), strict: what is not understood is refused, what goes out is written anew.
namespace paravent::wire::http1 {

inline constexpr std::size_t max_head = 64 * 1024; ///< request line or status line included
inline constexpr std::size_t max_target = 64 * 1024 - 1024;
inline constexpr std::size_t max_fields = 200;
inline constexpr std::size_t max_chunk_line = 4096;      ///< size and extensions
inline constexpr std::size_t max_extensions = 64 * 1024; ///< of all chunks of a body
inline constexpr std::size_t max_trailer = 16 * 1024;

/// One field line; views the bytes that were parsed. The value has no blanks at its ends.
struct Field {
    std::string_view name, value;
};

/// How the length of a body is known.
enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct RequestHead {
    std::string_view method;
    std::string_view target;
    unsigned minor = 1; ///< HTTP/1.minor
    std::vector<Field> fields;
    Framing framing = Framing::none; ///< never until_close
    std::uint64_t length = 0;        ///< Framing::length
    bool keep_alive = true;          ///< the client lets the connection live on (version, Connection, Proxy-Connection)
    /// Expect: 100-continue, in HTTP/1.1 and with a body. Other expectations are neither met nor passed on (RFC 9110,
    /// section 10.1.1 allows 417 but does not ask for it).
    bool expect_continue = false;
    bool te_trailers = false; ///< TE lists trailers
    std::string_view host;    ///< the Host field's value; empty where there is none (HTTP/1.0)
    /// Value of Upgrade where Connection names it in HTTP/1.1; else empty. HTTP/2 over cleartext (h2c) is never asked
    /// for: it would carry further requests past the proxy.
    std::string_view upgrade;
};

struct ResponseHead {
    unsigned status = 0; ///< 100 to 999
    unsigned minor = 1;
    std::string_view reason; ///< as sent; never repeated to the client
    std::vector<Field> fields;
    Framing framing = Framing::none;
    std::uint64_t length = 0; ///< also where no body follows (HEAD, 304), if has_length
    bool has_length = false;  ///< there is a Content-Length
    bool keep_alive = true;   ///< false also where the body's end or what follows it is in doubt
    std::string_view upgrade; ///< with status 101, where Connection names it: the protocol from here on
};

/// Reads a request's head from the start of `in`. Returns the number of bytes it takes, 0 while it is incomplete.
/// Empty lines before it (at most two) are passed over and counted. The views in `out` point into `in`.
/// Refused (RFC 9112 and security-goals H1): bare CR or LF, NUL and other control bytes, obs-fold, blanks before the
/// colon, field names that are no tokens, two Host fields or none in HTTP/1.1, Content-Length twice or not a number,
/// Content-Length beside Transfer-Encoding, Transfer-Encoding other than exactly chunked, or in HTTP/1.0; CONNECT with
/// a body, `*` with another method than OPTIONS, more than 32 names in Connection. A head that is over a bound or has a
/// bad first line while still incomplete is refused at once.
result<std::size_t> parse_request(std::string_view in, RequestHead& out);

/// The same for a response to `method` (HEAD, 2xx to CONNECT, and 1xx, 204, 304 have no body whatever their fields
/// say). No empty line may stand before it. Every refusal is `bad_response`.
result<std::size_t> parse_response(std::string_view in, std::string_view method, ResponseHead& out);

/// The value of the first field of that name (case-insensitive), or empty.
std::string_view find(const std::vector<Field>& fields, std::string_view name) noexcept;
bool equals_ignore_case(std::string_view a, std::string_view b) noexcept;

/// Takes a body apart as its bytes come. Feed it from the start of what is buffered.
class BodyReader {
public:
    BodyReader() = default;
    BodyReader(Framing framing, std::uint64_t length) noexcept;

    struct Piece {
        std::size_t consumed = 0; ///< bytes of the input to drop
        std::string_view payload; ///< part of the input (inside what was consumed); may be empty
    };
    /// Takes as much of `in` as one contiguous payload allows, and the framing behind it, so that the last payload and
    /// the end of the body are one call where both are buffered. `consumed` 0 and `!done()`: more bytes are needed.
    /// An error comes after all payload before it.
    result<Piece> next(std::string_view in);
    /// Takes all of `in` that is the body's and complete: its payloads, moved together where the first one begins, are
    /// one. An error anywhere in `in` comes before any payload of it, so that nothing read with a fault goes on.
    result<Piece> gather(std::span<char> in);
    bool done() const noexcept { return done_; }
    /// The peer closed: true where that is a proper end (until_close, or already done).
    bool at_close() noexcept;
    /// Trailer fields of a chunked body, valid once done: "name: value\r\n" lines that may be forwarded (RFC
    /// 9110 6.5.1: no framing, routing, authentication or hop-by-hop fields).
    const std::string& trailer() const noexcept { return trailer_; }
    Framing framing() const noexcept { return framing_; }
    /// Bytes still to come where the length is known; 0 elsewhere.
    std::uint64_t remaining() const noexcept { return framing_ == Framing::length ? remaining_ : 0; }

private:
    enum class State : std::uint8_t { size, data, data_end, trailer };
    result<std::size_t> chunk_head(std::string_view in) noexcept;
    result<std::size_t> trailer_line(std::string_view in);
    result<std::size_t> framing_bytes(std::string_view in);

    Framing framing_ = Framing::none;
    bool done_ = true;
    State state_ = State::size;
    std::uint64_t remaining_ = 0;
    std::size_t trailer_seen_ = 0;   ///< bytes and
    std::size_t trailer_fields_ = 0; ///< fields of the trailer so far
    std::size_t extension_seen_ = 0; ///< bytes of chunk extensions in the whole body; bounded
    std::string trailer_;
};

/// Fields that must not pass this hop: Connection and what it names, Keep-Alive, Proxy-* (but Proxy-Status), TE,
/// Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings; Content-Length, Expect and Host, which are written anew, so
/// that Connection cannot take them away; and Proxy, which CGI programs mistake for their own setting (httpoxy).
class HopByHop {
public:
    explicit HopByHop(const std::vector<Field>& fields);
    bool drops(std::string_view name) const noexcept;

private:
    std::vector<std::string_view> named_; ///< by Connection
};

/// What to write of a request to an origin or to a parent proxy.
struct Outgoing {
    std::string_view method, target, host; ///< target as it shall stand in the request line; host = Host's value
    Framing framing = Framing::none;
    std::uint64_t length = 0;
    bool close = false;
    std::string_view upgrade = {}; ///< not empty: Connection: upgrade and this Upgrade field are sent
    bool expect_continue = false;
    bool te_trailers = false;          ///< the client announced TE: trailers
    std::string_view received = "1.1"; ///< the version it came in, for Via
    std::string_view extra = {};       ///< complete lines of ours ("Name: value\r\n"), may be empty
};
/// Appends the head for `out`, with all of `fields` that may pass. Via is added.
void write_request(std::string& to, const Outgoing& out, const std::vector<Field>& fields);

/// What to write of a response to a client of HTTP/1.`client_minor`.
struct Reply {
    unsigned status = 200;
    /// none: nothing is said of a body (1xx, 204, 304, answers to HEAD; elsewhere an empty body is length 0).
    /// until_close: neither length nor chunked is sent, Connection: close is. A client of HTTP/1.0 never gets chunked.
    Framing framing = Framing::none;
    std::uint64_t length = 0;
    /// The length is announced though no body follows: a response to HEAD, or 304 with the origin's own Content-Length.
    bool length_only = false;
    bool keep_alive = true;
    unsigned client_minor = 1;
    std::string_view upgrade = {}; ///< with status 101
    std::string_view extra = {};
};
void write_response(std::string& to, const Reply& reply, const std::vector<Field>& fields);
/// The standard phrase: "Not Found"; "Unknown" where there is none.
std::string_view reason_of(unsigned status) noexcept;

/// Appends "1a2b\r\n"; payload and "\r\n" follow.
void write_chunk_head(std::string& to, std::size_t size);
/// Appends "0\r\n" + trailer + "\r\n".
void write_last_chunk(std::string& to, std::string_view trailer);

} // namespace paravent::wire::http1
