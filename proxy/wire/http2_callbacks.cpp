#include "proxy/wire/http2_state.hpp"

#include <nghttp2/nghttp2.h>

#include <array>
#include <new>
#include <utility>

/// nghttp2's callbacks put into words, and a session of it set up.
namespace paravent::wire::http2 {
namespace {

using State = Session::State;

State& state_of(void* user)
{
    return *static_cast<State*>(user);
}

std::string_view text(const std::uint8_t* bytes, std::size_t size)
{
    return {reinterpret_cast<const char*>(bytes), size};
}

/// What the listener throws waits until nghttp2, which is C, is left. False from `tell` ends the connection.
template <class Tell>
int guarded(void* user, Tell tell)
{
    State& state = state_of(user);
    try {
        return tell(state) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
    } catch (const std::exception&) {
        state.thrown_ = std::current_exception();
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
}

int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* user)
{
    return guarded(user, [frame](State& state) { return state.frame_began(frame->type); });
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user)
{
    return guarded(user, [frame](State& state) {
        state.head_began(frame->hd.stream_id, frame->headers.cat == NGHTTP2_HCAT_REQUEST);
        return true;
    });
}

int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
              const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user)
{
    bool go_on = true;
    const int failed = guarded(user, [&](State& state) {
        go_on = state.field_came(frame->hd.stream_id, text(name, name_size), text(value, value_size));
        return true;
    });
    return failed != 0 || go_on ? failed : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/// nghttp2 would leave such a field out and go on.
int on_invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t, const std::uint8_t*,
                      std::size_t, std::uint8_t, void*)
{
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int on_data_chunk(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes, std::size_t size,
                  void* user)
{
    return guarded(user, [&](State& state) {
        state.body_came(stream, text(bytes, size));
        return true;
    });
}

int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user)
{
    return guarded(user, [frame](State& state) {
        const bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (frame->hd.type == NGHTTP2_HEADERS)
            state.head_came(frame->hd.stream_id, end);
        else if (frame->hd.type == NGHTTP2_DATA)
            state.data_came(frame->hd.stream_id, frame->hd.length == frame->data.padlen, end);
        return true;
    });
}

int on_invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int, void* user)
{
    return guarded(user, [frame](State& state) {
        state.refused(frame->hd.type == NGHTTP2_HEADERS);
        return true;
    });
}

int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user)
{
    return guarded(user, [frame](State& state) {
        const bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (frame->hd.type == NGHTTP2_GOAWAY)
            state.goodbye_sent(frame->goaway.error_code);
        if (frame->hd.type == NGHTTP2_DATA)
            state.data_sent(frame->hd.length);
        if (end && (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS))
            state.end_sent(frame->hd.stream_id);
        return true;
    });
}

int on_stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user)
{
    return guarded(user, [&](State& state) {
        state.closed(stream, code);
        return true;
    });
}

ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* to, std::size_t most, std::uint32_t* flags,
                  nghttp2_data_source*, void* user)
{
    State::Taken taken;
    const int failed = guarded(user, [&](State& state) {
        taken = state.take(stream, reinterpret_cast<char*>(to), most);
        return true;
    });
    if (failed != 0)
        return failed;
    if (taken.wait)
        return NGHTTP2_ERR_DEFERRED;
    if (taken.end)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (taken.trailer_follows)
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return static_cast<ssize_t>(taken.size);
}

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* object) const { release(object); }
};
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;
using Callbacks = Owned<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;
using Options = Owned<nghttp2_option, nghttp2_option_del>;

void require(int status)
{
    if (status != 0)
        throw std::bad_alloc{}; // nothing else can go wrong with what is passed here
}

Callbacks make_callbacks()
{
    nghttp2_session_callbacks* made = nullptr;
    require(nghttp2_session_callbacks_new(&made));
    Callbacks out(made);
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, on_invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, on_invalid_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    return out;
}

constexpr std::size_t max_acknowledgements = 128; ///< of SETTINGS and PING that wait to go out

Options make_options(Role role)
{
    nghttp2_option* made = nullptr;
    require(nghttp2_option_new(&made));
    Options out(made);
    nghttp2_option_set_no_auto_window_update(made, 1);
    nghttp2_option_set_no_closed_streams(made, 1);
    // Its own bound goes by the clock; ours is Bounds::resets.
    nghttp2_option_set_stream_reset_rate_limit(made, 1U << 31, 1U << 31);
    nghttp2_option_set_max_outbound_ack(made, max_acknowledgements);
    // Origins do end values in blanks; those are cut off, as in HTTP/1.
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(made, role == Role::client ? 1 : 0);
    return out;
}

} // namespace

Session::State::State(Role role, Listener& listener, const Bounds& bounds)
    : role_(role), listener_(listener), bounds_(bounds)
{
    if (bounds_.stream_window == 0)
        bounds_.stream_window = (role == Role::server ? 64 : 256) * 1024;
    const Callbacks callbacks = make_callbacks();
    const Options options = make_options(role);
    const auto make = role == Role::server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;
    auto memory = memory_.functions(); // copied
    require(make(&session_, callbacks.get(), this, options.get(), &memory));

    // No priorities (RFC 9218, section 2.1): the streams take turns.
    const std::array<nghttp2_settings_entry, 4> settings = {{
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, bounds_.stream_window},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, http1::max_head},
        role == Role::server ? nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, bounds_.streams}
                             : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    require(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
    require(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                                  static_cast<std::int32_t>(bounds_.connection_window)));
    if (role == Role::client)
        require(nghttp2_session_set_next_stream_id(session_, bounds_.first_stream));
}

Session::State::~State()
{
    nghttp2_session_del(session_);
}

/// nghttp2 copies all it is given, and writes names in lower case.
class Session::State::Names {
public:
    explicit Names(const Lines& lines)
    {
        list_.reserve(lines.fields().size());
        for (const http1::Field& field : lines.fields())
            list_.push_back(
                {bytes(field.name), bytes(field.value), field.name.size(), field.value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    const nghttp2_nv* data() const { return list_.data(); }
    std::size_t size() const { return list_.size(); }

private:
    static std::uint8_t* bytes(std::string_view of)
    {
        return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(of.data()));
    }
    std::vector<nghttp2_nv> list_;
};

bool Session::State::submit_response(StreamId id, const Lines& lines, bool has_body)
{
    const Names names(lines);
    const nghttp2_data_provider body{{}, read_body};
    return nghttp2_submit_response(session_, id, names.data(), names.size(), has_body ? &body : nullptr) == 0;
}

bool Session::State::submit_interim(StreamId id, const Lines& lines)
{
    const Names names(lines);
    return nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id, nullptr, names.data(), names.size(), nullptr) == 0;
}

StreamId Session::State::submit_request(const Lines& lines, bool has_body)
{
    const Names names(lines);
    const nghttp2_data_provider body{{}, read_body};
    return nghttp2_submit_request(session_, nullptr, names.data(), names.size(), has_body ? &body : nullptr, nullptr);
}

bool Session::State::submit_trailer(StreamId id, const Lines& lines)
{
    const Names names(lines);
    return nghttp2_submit_trailer(session_, id, names.data(), names.size()) == 0;
}

} // namespace paravent::wire::http2
