#pragma once

#include "proxy/wire/error.hpp"
#include "proxy/wire/http1.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// HTTP/2 without I/O (RFC 9113), either end of one connection: bytes in, messages out, and back. Strict like http1:
/// what is not understood is refused, what goes out is written anew.
namespace paravent::wire::http2 {

using StreamId = std::int32_t;
enum class Role : std::uint8_t { server, client };

/// Why a stream or a connection ends (RFC 9113, section 7); those that are used by name.
enum Code : std::uint32_t {
    no_error = 0x0,
    protocol_error = 0x1,
    internal_error = 0x2,
    flow_control_error = 0x3,
    refused_stream = 0x7,
    cancel = 0x8,
    enhance_your_calm = 0xb,
};

/// A head as it came. Its views are valid as long as it lives, also after it was moved.
struct Message {
    Message() = default;
    Message(Message&&) = default;
    Message& operator=(Message&&) = default;
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    ~Message() = default;

    std::string_view method, scheme, authority, path; ///< requests; authority is Host's value where there is none
    unsigned status = 0;                              ///< responses
    /// In order, lower case, without pseudo-fields and Host; cookie fields are one (section 8.2.3).
    std::vector<http1::Field> fields;
    std::optional<std::uint64_t> length; ///< Content-Length; without one a body may still follow
    bool te_trailers = false;            ///< requests: TE lists trailers
    bool expect_continue = false;        ///< requests: Expect: 100-continue, and a body follows

private:
    friend class HeadReader;
    std::vector<char> bytes_; ///< what the views point into; a moved vector keeps its place, a string may not
};

/// Told what came. Called while `feed` and `output` run, which it must not call; it may call the session's others.
/// Must not throw anything but what is a std::exception; `feed` and `output` pass that on.
class Listener {
public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;

    /// A request (server), a final response (client). end: no body follows, and on_end is not called.
    virtual void on_head(StreamId stream, Message head, bool end) = 0;
    /// A response 1xx other than 101 (client).
    virtual void on_interim(StreamId stream, Message head) = 0;
    /// Counts against the windows until it is `consumed`. Never empty.
    virtual void on_body(StreamId stream, std::string_view bytes) = 0;
    /// The peer said its last. Trailer lines that may be forwarded ("name: value\r\n"), as http1::BodyReader has them.
    virtual void on_end(StreamId stream, std::string trailer) = 0;
    /// The stream is gone before its end: reset by the peer, refused by GOAWAY (refused_stream), malformed
    /// (protocol_error). no_error: the response is complete and the rest of the request is not wanted, by us or by the
    /// peer. Nothing more is said of it; what was not consumed of it has been given back.
    virtual void on_reset(StreamId stream, std::uint32_t code) = 0;
    /// Its outgoing queue was full and has room again.
    virtual void on_room(StreamId stream) = 0;
};

/// What one connection may cost. The defaults are meant; others are for tests.
struct Bounds {
    std::uint32_t streams = 100;                       ///< open at a time
    std::uint32_t stream_window = 0;                   ///< bytes; 0: 64 KiB as server, 256 KiB as client
    std::uint32_t connection_window = 1024 * 1024;     ///< bytes, of all streams
    std::size_t stream_queue = std::size_t{64} * 1024; ///< bytes that wait to go out, of one stream
    /// Of all streams. Beyond it each stream may still queue 4 KiB, so that none waits for another one's reader.
    std::size_t all_queues = std::size_t{1024} * 1024;
    /// Streams that may end in a reset more than end properly, as server: no clock, so that a burst costs what it costs
    /// (rapid reset, CVE-2023-44487; also by faults that make us reset).
    std::uint32_t resets = 256;
    /// Frames in a row that move nothing: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA.
    std::uint32_t idle_frames = 10'000;
    StreamId first_stream = 1; ///< client
};

/// A request to an origin. `Host` of the fields does not count.
struct Request {
    std::string_view method, scheme, authority, path; ///< path: "*" with OPTIONS, else from "/" on
    std::optional<std::uint64_t> length = {};         ///< of its body, where known
    bool te_trailers = false;
    bool expect_continue = false;
    std::string_view received = "2.0"; ///< the version it came in, for Via
    std::string_view extra = {};       ///< complete lines of ours ("Name: value\r\n")
};

class Session {
public:
    /// SETTINGS (and the client's preface) are the first output.
    Session(Role role, Listener& listener, const Bounds& bounds = {});
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Takes all of `bytes`. Error (http2_malformed, http2_flood): the connection is over once the output is flushed,
    /// GOAWAY is in it; no on_reset tells of its streams. Where much output waits, the error may come with a later
    /// call; `over` knows it too.
    boost::system::error_code feed(std::string_view bytes);
    /// The next bytes for the transport, 32 KiB and a frame head at most; empty: none now. Valid until the next call of
    /// `output`, whatever else is called; a call says that the last ones are no longer needed.
    std::string_view output();

    /// Nothing is expected for a while: gives back what is only needed while bytes move, if none do. Costs a system
    /// call now and page faults later, more than a short message does.
    void rest() noexcept;

    /// Client. Error: http2_full (see takes_requests), bad_request (bytes that cannot stand where they do).
    result<StreamId> request(const Request& request, const std::vector<http1::Field>& fields, bool has_body);
    /// Server; once a stream. `extra`: complete lines of ours ("Name: value\r\n").
    void respond(StreamId stream, unsigned status, const std::vector<http1::Field>& fields,
                 std::optional<std::uint64_t> length, std::string_view extra, bool has_body);
    /// Server, before respond: 1xx other than 101.
    void interim(StreamId stream, unsigned status, const std::vector<http1::Field>& fields);

    /// Bytes that `write` takes now. 0 where it is full (on_room will tell), has no body to write, or is gone.
    std::size_t room(StreamId stream) const;
    /// Copies at most `room` bytes into the stream's queue; returns how many.
    std::size_t write(StreamId stream, std::string_view bytes);
    /// The body written is whole. Trailer lines that may not be forwarded are left out. As server, a request that has
    /// not ended by the time this is sent is reset (no_error).
    void finish(StreamId stream, std::string_view trailer = {});
    /// Ends the stream at once; what is queued is dropped, nothing more is told of it, nothing is left to consume.
    void reset(StreamId stream, std::uint32_t code);
    /// The body's bytes went on: gives window back. All bytes of a body that ended must be consumed, also after the
    /// stream's end; not those of a stream that was reset. More than came does not count.
    void consumed(StreamId stream, std::size_t bytes);

    /// GOAWAY: the peer may open no further streams (client: we neither); those open go on.
    void shut_down();
    /// Client: the peer did not say GOAWAY, there are ids left, and it allows one more stream now.
    bool takes_requests() const;
    std::size_t streams() const; ///< open
    /// Nothing more to read or to write: close it.
    bool over() const;

    struct State;

private:
    std::unique_ptr<State> state_;
};

} // namespace paravent::wire::http2
