#pragma once

#include "proxy/wire/http2.hpp"
#include "proxy/wire/http2_head.hpp"
#include "proxy/wire/http2_lines.hpp"
#include "proxy/wire/http2_memory.hpp"
#include "proxy/wire/http2_stream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct nghttp2_session;

namespace paravent::wire::http2 {

/// A session's inside. Two halves: what the caller asks (http2_session.cpp) and what nghttp2 tells (http2_events.cpp).
struct Session::State {
    State(Role role, Listener& listener, const Bounds& bounds);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();

    // What nghttp2 tells. False: end the connection.
    bool frame_began(std::uint8_t type);
    void head_began(StreamId id, bool request);
    bool field_came(StreamId id, std::string_view name, std::string_view value); ///< false: no more of this head
    void head_came(StreamId id, bool end);
    void body_came(StreamId id, std::string_view bytes);
    void data_came(StreamId id, bool empty, bool end);
    void refused(bool head);
    void data_sent(std::size_t bytes);
    void end_sent(StreamId id);
    void goodbye_sent(std::uint32_t code);
    void closed(StreamId id, std::uint32_t code);
    struct Taken {
        std::size_t size = 0;
        bool wait = false; ///< for resume
        bool end = false, trailer_follows = false;
    };
    Taken take(StreamId id, char* to, std::size_t most);

    // What nghttp2 is asked for with fields.
    class Names;
    bool submit_response(StreamId id, const Lines& lines, bool has_body);
    bool submit_interim(StreamId id, const Lines& lines);
    StreamId submit_request(const Lines& lines, bool has_body); ///< negative: none
    bool submit_trailer(StreamId id, const Lines& lines);

    Stream* find(StreamId id); ///< an open one
    std::size_t room(const Stream& stream) const noexcept;
    void answer(StreamId id, Stream& stream, const Lines& lines, bool has_body);
    void submit_reset(StreamId id, std::uint32_t code);
    /// The stream is over for the listener: what it holds is given back and it is told, if it knows the stream.
    void lose(StreamId id, std::uint32_t code);
    void drop_body(Stream& stream); ///< both ways
    void request_came(StreamId id, bool end);
    void response_came(StreamId id, Stream& stream, bool end);
    void trailer_came(StreamId id, Stream& stream, bool end);
    void progress(std::size_t frames) noexcept { idle_ -= std::min(idle_, frames); }
    /// An origin's resets cost nobody but itself.
    void charge_reset() noexcept { resets_ += role_ == Role::server ? 1 : 0; }
    void fail(Error error, std::uint32_t code);
    void tell_room();
    /// Takes what nghttp2 has to send, until there is enough for one write.
    void pump();

    const Role role_;
    Listener& listener_;
    Bounds bounds_;
    Memory memory_; ///< of session_
    nghttp2_session* session_ = nullptr;
    std::unordered_map<StreamId, Stream> streams_;
    std::size_t open_ = 0;
    std::size_t queued_ = 0; ///< of all streams
    std::size_t wanting_ = 0;
    std::optional<HeadReader> head_; ///< the one that is on its way; heads never interleave
    StreamId head_of_ = 0;
    std::size_t idle_ = 0;
    std::uint32_t resets_ = 0;
    bool busy_ = false;         ///< within feed or output
    bool said_goodbye_ = false; ///< GOAWAY with an error is out, or nothing can go out any more
    bool shut_down_ = false;    ///< by us
    std::optional<Error> failed_;
    std::exception_ptr thrown_; ///< by the listener; must not cross nghttp2
    std::string next_, handed_; ///< output: being gathered, and with the caller
};

} // namespace paravent::wire::http2
