#include "proxy/wire/http2_state.hpp"

#include <nghttp2/nghttp2.h>

#include <utility>

/// What nghttp2 tells, passed on to the listener with the bounds kept.
namespace paravent::wire::http2 {
namespace {

constexpr unsigned max_interim = 16; ///< heads 1xx of one response
/// Frames that a head or a stream's end makes up for.
constexpr std::size_t worth_of_head = 16;
/// Of a stream, until the peer knows our SETTINGS (section 6.9.2).
constexpr std::uint32_t usual_window = 65535;

} // namespace

bool Session::State::frame_began(std::uint8_t type)
{
    // Also before our SETTINGS, which forbid it, are acknowledged.
    if (type == NGHTTP2_PUSH_PROMISE) {
        fail(Error::http2_malformed, protocol_error);
        return false;
    }
    // Each frame costs, and what it moves makes up for it: see progress.
    if (++idle_ > bounds_.idle_frames || resets_ > bounds_.resets)
        fail(Error::http2_flood, enhance_your_calm);
    return !failed_;
}

void Session::State::head_began(StreamId id, bool request)
{
    head_of_ = id;
    if (request) {
        // Whatever the request says of its priority, streams take turns.
        const nghttp2_extpri turns{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
        (void)nghttp2_session_change_extpri_stream_priority(session_, id, &turns, 1);
        head_.emplace(HeadReader::Kind::request);
    } else if (const Stream* stream = find(id)) {
        const bool response = role_ == Role::client && !stream->head_came;
        head_.emplace(response ? HeadReader::Kind::response : HeadReader::Kind::trailer);
    } else {
        head_.reset();
    }
}

bool Session::State::field_came(StreamId id, std::string_view name, std::string_view value)
{
    if (!head_ || id != head_of_)
        return false;
    if (head_->add(name, value))
        return true;
    head_.reset();
    submit_reset(id, enhance_your_calm);
    lose(id, enhance_your_calm);
    return false;
}

void Session::State::head_came(StreamId id, bool end)
{
    if (!head_ || id != head_of_)
        return;
    if (head_->kind() == HeadReader::Kind::request)
        request_came(id, end);
    else if (Stream* stream = find(id); stream == nullptr)
        ; // the listener dropped it meanwhile
    else if (head_->kind() == HeadReader::Kind::response)
        response_came(id, *stream, end);
    else
        trailer_came(id, *stream, end);
    head_.reset();
}

void Session::State::request_came(StreamId id, bool end)
{
    if (head_->too_large()) {
        // 431 is what HTTP/1 would get; a person's browser can show it.
        Stream& stream = streams_[id];
        ++open_;
        stream.told = false;
        stream.peer_ended = end;
        Lines lines;
        lines.add_status(status_of(Error::head_too_large));
        lines.add_length(0);
        answer(id, stream, lines, false);
        return;
    }
    auto message = head_->message(end);
    if (!message)
        return submit_reset(id, protocol_error);
    progress(worth_of_head);
    streams_[id].peer_ended = end;
    ++open_;
    listener_.on_head(id, std::move(*message), end);
}

void Session::State::response_came(StreamId id, Stream& stream, bool end)
{
    auto message = head_->too_large() ? std::optional<Message>{} : head_->message(end);
    const bool interim = message && message->status < 200;
    if (!message || (interim && ++stream.interim > max_interim)) {
        submit_reset(id, protocol_error);
        return lose(id, protocol_error);
    }
    if (interim)
        return listener_.on_interim(id, std::move(*message));
    progress(worth_of_head);
    stream.head_came = true;
    stream.peer_ended = end;
    listener_.on_head(id, std::move(*message), end);
}

void Session::State::trailer_came(StreamId id, Stream& stream, bool end)
{
    if (head_->too_large()) {
        submit_reset(id, protocol_error);
        return lose(id, protocol_error);
    }
    if (!end) // nghttp2 lets none such through
        return;
    stream.peer_ended = true;
    if (stream.told)
        listener_.on_end(id, head_->trailer());
}

void Session::State::body_came(StreamId id, std::string_view bytes)
{
    Stream* stream = find(id);
    if (stream == nullptr || !stream->told) {
        (void)nghttp2_session_consume(session_, id, bytes.size());
        return;
    }
    // nghttp2 passes on even what goes over the window, before it resets the stream.
    if (stream->unconsumed + bytes.size() > std::max(bounds_.stream_window, usual_window)) {
        (void)nghttp2_session_consume(session_, id, bytes.size());
        submit_reset(id, flow_control_error);
        return lose(id, flow_control_error);
    }
    stream->unconsumed += bytes.size();
    listener_.on_body(id, bytes);
}

void Session::State::data_came(StreamId id, bool empty, bool end)
{
    if (!empty)
        progress(2);
    Stream* stream = find(id);
    if (!end || stream == nullptr)
        return;
    stream->peer_ended = true;
    if (stream->told)
        listener_.on_end(id, {});
}

/// nghttp2 refused a frame; where that was a head, a stream was opened in vain.
void Session::State::refused(bool head)
{
    if (!head)
        return;
    head_.reset();
    charge_reset();
}

void Session::State::data_sent(std::size_t bytes)
{
    // A peer that opens its window byte by byte makes us send frames that are hardly more than their heads.
    progress(std::min<std::size_t>(4, bytes / 16));
}

void Session::State::end_sent(StreamId id)
{
    Stream* stream = find(id);
    if (stream == nullptr)
        return;
    stream->we_ended = true;
    if (role_ == Role::server && !stream->peer_ended) {
        // Section 8.1: the rest of the request would only be thrown away.
        submit_reset(id, no_error);
        lose(id, no_error);
    }
}

void Session::State::goodbye_sent(std::uint32_t code)
{
    if (code == NGHTTP2_NO_ERROR)
        return;
    said_goodbye_ = true;
    if (!failed_)
        failed_ = code == NGHTTP2_ENHANCE_YOUR_CALM ? Error::http2_flood : Error::http2_malformed;
}

void Session::State::closed(StreamId id, std::uint32_t code)
{
    const auto found = streams_.find(id);
    const bool ours = found != streams_.end() && found->second.dropped;
    if (code != NGHTTP2_NO_ERROR && !ours)
        charge_reset();
    if (found == streams_.end())
        return;
    Stream& stream = found->second;
    if (ours) {
        streams_.erase(found);
        return;
    }
    if (code != NGHTTP2_NO_ERROR || !stream.peer_ended || !stream.we_ended)
        return lose(id, code);
    resets_ -= resets_ == 0 ? 0 : 1;
    progress(worth_of_head);
    --open_;
    stream.closed = true;
    if (stream.unconsumed == 0)
        streams_.erase(found);
}

Session::State::Taken Session::State::take(StreamId id, char* to, std::size_t most)
{
    Taken taken;
    Stream* stream = find(id);
    if (stream == nullptr) {
        taken.wait = true; // its reset is on the way
        return taken;
    }
    taken.size = stream->queue.take(to, most);
    queued_ -= taken.size;
    if (stream->queue.size() != 0)
        return taken;
    if (!stream->finished) {
        taken.wait = stream->deferred = taken.size == 0;
        return taken;
    }
    taken.end = true;
    if (!stream->trailer.empty()) {
        Lines lines;
        lines.add_trailer(stream->trailer);
        taken.trailer_follows = !lines.fields().empty() && submit_trailer(id, lines);
    }
    return taken;
}

Stream* Session::State::find(StreamId id)
{
    const auto found = streams_.find(id);
    return found == streams_.end() || !found->second.open() ? nullptr : &found->second;
}

void Session::State::drop_body(Stream& stream)
{
    (void)nghttp2_session_consume_connection(session_, stream.unconsumed);
    stream.unconsumed = 0;
    queued_ -= stream.queue.size();
    stream.queue.clear();
    if (std::exchange(stream.wants_room, false))
        --wanting_;
}

void Session::State::lose(StreamId id, std::uint32_t code)
{
    const auto found = streams_.find(id);
    if (found == streams_.end() || !found->second.open())
        return;
    const bool told = found->second.told;
    drop_body(found->second);
    streams_.erase(found);
    --open_;
    if (told)
        listener_.on_reset(id, code);
}

void Session::State::submit_reset(StreamId id, std::uint32_t code)
{
    (void)nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, code);
}

} // namespace paravent::wire::http2
