#include "proxy/wire/characters.hpp"
#include "proxy/wire/http2_state.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace paravent::wire::http2 {
namespace {

constexpr std::size_t write_size = std::size_t{16} * 1024; ///< enough for one write; a frame more may come on top
constexpr std::size_t least_queue = std::size_t{4} * 1024; ///< of a stream, whatever the others queue

bool is_name(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token);
}

bool is_proper(const Request& request)
{
    const auto& path = request.path;
    return is_name(request.method) && request.method != "CONNECT" &&
           (request.scheme == "https" || request.scheme == "http") && !request.authority.empty() &&
           std::all_of(request.authority.begin(), request.authority.end(), is_authority) && is_visible(path) &&
           (path.starts_with('/') || (path == "*" && request.method == "OPTIONS"));
}

/// While nghttp2 runs, it must not be run again.
class Busy {
public:
    explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
    ~Busy() { flag_ = false; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

private:
    bool& flag_;
};

} // namespace

Session::Session(Role role, Listener& listener, const Bounds& bounds)
    : state_(std::make_unique<State>(role, listener, bounds))
{
}

Session::~Session() = default;

boost::system::error_code Session::feed(std::string_view bytes)
{
    State& s = *state_;
    assert(!s.busy_);
    if (!s.failed_) {
        const Busy busy(s.busy_);
        const auto taken =
            nghttp2_session_mem_recv(s.session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        if (taken == NGHTTP2_ERR_FLOODED)
            s.fail(Error::http2_flood, enhance_your_calm);
        else if (taken < 0)
            s.fail(Error::http2_malformed, s.thrown_ ? internal_error : protocol_error);
        // nghttp2 ends a connection by itself, and all there is to see of that is its GOAWAY.
        s.pump();
    }
    return s.failed_ ? make_error_code(*s.failed_) : boost::system::error_code{};
}

std::string_view Session::output()
{
    State& s = *state_;
    if (s.busy_)
        return {};
    const Busy busy(s.busy_);
    s.handed_.clear();
    s.pump();
    s.handed_.swap(s.next_);
    if (s.handed_.empty()) { // an idle connection holds no memory for it
        std::string{}.swap(s.handed_);
        std::string{}.swap(s.next_);
    }
    return s.handed_;
}

void Session::rest() noexcept
{
    State& s = *state_;
    // Both are empty where the last call of nghttp2 had nothing more to send.
    if (!s.busy_ && s.open_ == 0 && s.handed_.empty() && s.next_.empty())
        s.memory_.rest();
}

result<StreamId> Session::request(const Request& request, const std::vector<http1::Field>& fields, bool has_body)
{
    if (!is_proper(request))
        return Error::bad_request;
    if (!takes_requests())
        return Error::http2_full;
    State& s = *state_;
    Lines lines;
    lines.add(":method", request.method);
    lines.add(":scheme", request.scheme);
    lines.add(":authority", request.authority);
    lines.add(":path", request.path);
    lines.add_passing(fields);
    lines.add_length(request.length);
    const std::string via = std::string{request.received} + " paravent";
    lines.add("via", via);
    if (request.te_trailers)
        lines.add("te", "trailers");
    if (request.expect_continue)
        lines.add("expect", "100-continue");
    lines.add_extra(request.extra);

    const StreamId id = s.submit_request(lines, has_body);
    if (id <= 0)
        return Error::http2_full;
    Stream& stream = s.streams_[id];
    ++s.open_;
    stream.answered = true;
    stream.has_body = has_body;
    return id;
}

void Session::respond(StreamId id, unsigned status, const std::vector<http1::Field>& fields,
                      std::optional<std::uint64_t> length, std::string_view extra, bool has_body)
{
    assert(status >= 200);
    State& s = *state_;
    Stream* stream = s.role_ == Role::server ? s.find(id) : nullptr;
    if (stream == nullptr || stream->answered)
        return;
    Lines lines;
    lines.add_status(status);
    lines.add_passing(fields);
    if (status != 204)
        lines.add_length(length);
    lines.add_extra(extra);
    s.answer(id, *stream, lines, has_body);
}

void Session::interim(StreamId id, unsigned status, const std::vector<http1::Field>& fields)
{
    assert(status >= 100 && status < 200 && status != 101);
    State& s = *state_;
    const Stream* stream = s.role_ == Role::server ? s.find(id) : nullptr;
    if (stream == nullptr || stream->answered)
        return;
    Lines lines;
    lines.add_status(status);
    lines.add_passing(fields);
    (void)s.submit_interim(id, lines);
}

std::size_t Session::room(StreamId id) const
{
    const Stream* stream = state_->find(id);
    return stream == nullptr ? 0 : state_->room(*stream);
}

std::size_t Session::write(StreamId id, std::string_view bytes)
{
    State& s = *state_;
    Stream* stream = s.find(id);
    if (stream == nullptr)
        return 0;
    const std::size_t room = s.room(*stream);
    const std::size_t n = std::min(room, bytes.size());
    stream->queue.put(bytes.substr(0, n));
    s.queued_ += n;
    if (n == room && stream->has_body && !stream->finished && !std::exchange(stream->wants_room, true))
        ++s.wanting_;
    if (n != 0 && std::exchange(stream->deferred, false))
        (void)nghttp2_session_resume_data(s.session_, id);
    return n;
}

void Session::finish(StreamId id, std::string_view trailer)
{
    State& s = *state_;
    Stream* stream = s.find(id);
    if (stream == nullptr || !stream->has_body || stream->finished)
        return;
    stream->finished = true;
    stream->trailer = trailer;
    if (std::exchange(stream->wants_room, false))
        --s.wanting_;
    if (std::exchange(stream->deferred, false))
        (void)nghttp2_session_resume_data(s.session_, id);
}

void Session::reset(StreamId id, std::uint32_t code)
{
    State& s = *state_;
    Stream* stream = s.find(id);
    if (stream == nullptr)
        return;
    s.drop_body(*stream);
    stream->dropped = true;
    --s.open_;
    s.submit_reset(id, code);
}

void Session::consumed(StreamId id, std::size_t bytes)
{
    State& s = *state_;
    const auto found = s.streams_.find(id);
    if (found == s.streams_.end())
        return;
    Stream& stream = found->second;
    const std::size_t n = std::min(bytes, stream.unconsumed);
    stream.unconsumed -= n;
    (void)nghttp2_session_consume(s.session_, id, n); // the connection's part also where the stream is gone
    if (stream.closed && stream.unconsumed == 0)
        s.streams_.erase(found);
}

void Session::shut_down()
{
    State& s = *state_;
    (void)nghttp2_submit_goaway(s.session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(s.session_),
                                NGHTTP2_NO_ERROR, nullptr, 0);
    s.shut_down_ = true;
}

bool Session::takes_requests() const
{
    const State& s = *state_;
    if (s.role_ != Role::client || s.failed_ || s.shut_down_)
        return false;
    const std::uint32_t theirs =
        nghttp2_session_get_remote_settings(s.session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return s.open_ < std::min(theirs, s.bounds_.streams) && nghttp2_session_check_request_allowed(s.session_) != 0;
}

std::size_t Session::streams() const
{
    return state_->open_;
}

bool Session::over() const
{
    const State& s = *state_;
    if (!s.next_.empty())
        return false;
    return s.said_goodbye_ ||
           (nghttp2_session_want_read(s.session_) == 0 && nghttp2_session_want_write(s.session_) == 0);
}

std::size_t Session::State::room(const Stream& stream) const noexcept
{
    if (!stream.has_body || stream.finished)
        return 0;
    const std::size_t queued = stream.queue.size();
    const std::size_t own = bounds_.stream_queue - std::min(bounds_.stream_queue, queued);
    const std::size_t shared = bounds_.all_queues - std::min(bounds_.all_queues, queued_);
    const std::size_t least = least_queue - std::min(least_queue, queued);
    return std::min(own, std::max(shared, least));
}

void Session::State::answer(StreamId id, Stream& stream, const Lines& lines, bool has_body)
{
    stream.answered = true;
    stream.has_body = has_body;
    (void)submit_response(id, lines, has_body);
}

void Session::State::fail(Error error, std::uint32_t code)
{
    if (failed_)
        return;
    failed_ = error;
    (void)nghttp2_session_terminate_session(session_, code);
}

void Session::State::pump()
{
    while (next_.size() < write_size && !said_goodbye_) {
        const std::uint8_t* bytes = nullptr;
        const auto n = nghttp2_session_mem_send(session_, &bytes);
        if (n < 0) {
            failed_ = failed_.value_or(Error::http2_malformed);
            said_goodbye_ = true;
        }
        if (n <= 0)
            break;
        next_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
    }
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    tell_room();
}

/// A stream is told once it has a quarter of its queue to write, so not for every frame.
void Session::State::tell_room()
{
    if (wanting_ == 0 || failed_)
        return;
    std::vector<StreamId> told;
    for (auto& [id, stream] : streams_) {
        if (!stream.wants_room || (stream.queue.size() != 0 && room(stream) < bounds_.stream_queue / 4))
            continue;
        stream.wants_room = false;
        --wanting_;
        told.push_back(id);
    }
    for (const StreamId id : told)
        if (find(id) != nullptr)
            listener_.on_room(id);
}

} // namespace paravent::wire::http2
