#include "proxy/server/http1_connection.hpp"

#include "proxy/net/error.hpp"

#include <algorithm>
#include <utility>

namespace paravent::server {

namespace h1 = wire::http1;
using net::awaitable;
using net::error_code;

namespace {

constexpr std::size_t body_piece = 64 * 1024;
/// What of an unread body is worth reading so that the connection can go on.
constexpr std::uint64_t worth_draining = 256 * 1024;
constexpr net::Millis linger_limit{1000};

std::string_view code_of(unsigned status) noexcept
{
    switch (status) {
    case 414:
        return "too-large";
    case 431:
        return "too-many-headers";
    case 501:
        return "not-implemented";
    default:
        return "bad-request";
    }
}

} // namespace

awaitable<bool> Http1Connection::next()
{
    head_.fields.clear();
    connect_ = begun_ = finished_ = cut_ = false;
    keep_alive_ = true;
    auto& in = connection_.in;
    if (in.empty()) {
        in.release_if_empty();
        if (connection_.worker.draining())
            co_return false;
        connection_.idle = true;
        const auto error = co_await connection_.stream.readable(settings().limits.idle);
        connection_.idle = false;
        if (error)
            co_return false;
    }
    const auto read = co_await read_head();
    if (!read) {
        if (read.error().category() == wire::make_error_code(wire::Error::bad_request).category()) {
            const auto status = wire::status_of(static_cast<wire::Error>(read.error().value()));
            co_await refuse(status, code_of(status), read.error().message());
        }
        co_return false;
    }
    if (*read == Arrival::nothing)
        co_return false;
    if (const auto error = understand()) {
        const auto status = wire::status_of(static_cast<wire::Error>(error.value()));
        co_await refuse(status, code_of(status), error.message());
        co_return false;
    }
    co_return true;
}

/// The whole head within one deadline, however slowly it comes. Nothing: it will not come.
awaitable<net::result<Http1Connection::Arrival>> Http1Connection::read_head()
{
    auto& in = connection_.in;
    const auto begun = net::coarse_now();
    const auto limit = settings().limits.head;
    for (;;) {
        if (!in.empty()) {
            const auto size = h1::parse_request(in.view(), head_);
            if (!size)
                co_return size.error();
            if (*size > 0) {
                head_size_ = *size;
                co_return Arrival::head;
            }
        }
        const auto left = limit - net::Millis(net::coarse_now() - begun);
        if (left <= net::Millis(0)) {
            co_await refuse(408, "timeout", "the request's head did not arrive in time");
            co_return Arrival::nothing;
        }
        const auto n = co_await connection_.stream.read_some(in.room(), left);
        if (!n) {
            if (n.error() == net::Error::timeout && !in.empty())
                co_await refuse(408, "timeout", "the request's head did not arrive in time");
            co_return Arrival::nothing;
        }
        if (*n == 0)
            co_return Arrival::nothing;
        in.commit(*n);
    }
}

/// From a head that is well-formed to one that makes sense.
error_code Http1Connection::understand()
{
    connect_ = head_.method == "CONNECT";
    auto target = wire::parse_target(head_.target, connect_);
    if (!target)
        return target.error();
    if (connect_ && head_.framing != h1::Framing::none)
        return wire::Error::bad_request;
    if (!head_.host.empty())
        if (const auto host = wire::parse_host(head_.host); !host) // the target wins, but nonsense stays nonsense
            return host.error();
    info_.target = std::move(*target);
    info_.method = head_.method;
    info_.fields = &head_.fields;
    info_.has_body = head_.framing != h1::Framing::none && !(head_.framing == h1::Framing::length && head_.length == 0);
    info_.length = head_.framing == h1::Framing::length ? std::optional(head_.length) : std::nullopt;
    info_.expect_continue = head_.expect_continue && head_.minor > 0;
    info_.te_trailers = !h1::find(head_.fields, "te").empty();
    info_.upgrade = head_.upgrade;
    info_.keeps_chunked = head_.minor > 0;
    body_ = h1::BodyReader(head_.framing, head_.length);
    keep_alive_ = head_.keep_alive;
    to_consume_ = 0;
    // The head's bytes stay at the front of `in` until `settle`; the body that came with them is read behind it.
    reads_in_ = true;
    return {};
}

awaitable<net::result<std::string_view>> Http1Connection::read_body()
{
    for (;;) {
        if (!reads_in_)
            body_bytes_.consume(std::exchange(to_consume_, 0));
        if (body_.done())
            co_return std::string_view{};
        // `in` keeps the head, so what lies behind it is counted by an offset instead of being consumed.
        const std::string_view have = reads_in_ ? connection_.in.view().substr(head_size_) : body_bytes_.view();
        const auto piece = body_.next(have);
        if (!piece)
            co_return piece.error();
        if (reads_in_)
            head_size_ += piece->consumed;
        else
            to_consume_ = piece->consumed;
        if (!piece->payload.empty())
            co_return piece->payload;
        if (piece->consumed > 0 || body_.done())
            continue;
        if (reads_in_) { // a torn piece of framing: it moves to the buffer that can grow
            const auto room = body_bytes_.room(std::max(have.size() + 1, body_piece));
            std::copy(have.begin(), have.end(), room.begin());
            body_bytes_.commit(have.size());
            head_size_ += have.size();
            reads_in_ = false;
        }
        const auto n = co_await connection_.stream.read_some(body_bytes_.room(4096), settings().limits.idle);
        if (!n)
            co_return n.error();
        if (*n == 0)
            co_return net::error_code(net::Error::closed);
        body_bytes_.commit(*n);
    }
}

awaitable<error_code> Http1Connection::write_interim(unsigned status, const Fields& fields)
{
    if (head_.minor == 0)
        co_return error_code{};
    std::string bytes;
    h1::Reply reply;
    reply.status = status;
    h1::write_response(bytes, reply, fields);
    co_return co_await connection_.stream.write(bytes, settings().limits.idle);
}

void Http1Connection::write_head(const Reply& given)
{
    begun_ = true;
    h1::Reply reply;
    reply.status = given.status;
    reply.client_minor = head_.minor;
    reply.upgrade = given.upgrade;
    reply.extra = given.extra;
    reply.length = given.length.value_or(0);
    if (!given.has_body) {
        reply.framing = h1::Framing::none;
        reply.length_only = given.length.has_value();
    } else if (given.length) {
        reply.framing = h1::Framing::length;
    } else {
        reply.framing = head_.minor > 0 ? h1::Framing::chunked : h1::Framing::until_close;
    }
    framing_ = reply.framing;
    // What is left of a large or never sent body would have to be read before the next request.
    const bool leaves_body =
        !body_.done() && (info_.expect_continue || !info_.length || *info_.length > worth_draining);
    if (given.close || leaves_body || connection_.worker.draining() || framing_ == h1::Framing::until_close)
        keep_alive_ = false;
    reply.keep_alive = keep_alive_;
    static const Fields none;
    h1::write_response(out_, reply, given.fields ? *given.fields : none);
}

awaitable<error_code> Http1Connection::write_body(std::string_view bytes)
{
    if (bytes.empty())
        co_return error_code{};
    if (framing_ == h1::Framing::chunked)
        h1::write_chunk_head(out_, bytes.size());
    const auto error = co_await connection_.stream.write(out_, settings().limits.idle, bytes);
    out_.clear();
    if (framing_ == h1::Framing::chunked)
        out_ = "\r\n"; // goes out with the next chunk's head
    co_return error;
}

awaitable<error_code> Http1Connection::finish(std::string_view trailer)
{
    finished_ = true;
    if (framing_ == h1::Framing::chunked)
        h1::write_last_chunk(out_, info_.te_trailers ? trailer : std::string_view{});
    if (out_.empty())
        co_return error_code{};
    const auto error = co_await connection_.stream.write(out_, settings().limits.idle);
    out_.clear();
    if (error)
        cut_ = true;
    co_return error;
}

void Http1Connection::abort() noexcept
{
    cut_ = true;
    // A body that ends with the connection would look whole.
    if (framing_ == h1::Framing::until_close)
        connection_.stream.reset();
}

net::Stream* Http1Connection::take_over(std::string& leftover)
{
    taken_over_ = true;
    leftover = take_leftover();
    return &connection_.stream;
}

std::string Http1Connection::take_leftover()
{
    const auto rest = reads_in_ ? connection_.in.view().substr(head_size_) : body_bytes_.view();
    std::string leftover(rest);
    connection_.in.consume(connection_.in.view().size());
    connection_.in.release_if_empty();
    body_bytes_ = {};
    return leftover;
}

awaitable<bool> Http1Connection::settle()
{
    if (cut_ || taken_over_ || !finished_)
        co_return false;
    if (!keep_alive_) {
        co_await linger();
        co_return false;
    }
    while (!body_.done()) {
        const auto piece = co_await read_body();
        if (!piece)
            co_return false;
    }
    if (reads_in_) {
        connection_.in.consume(head_size_);
    } else {
        body_bytes_.consume(std::exchange(to_consume_, 0));
        connection_.in = std::move(body_bytes_);
        body_bytes_ = {};
    }
    co_return true;
}

awaitable<void> Http1Connection::refuse(unsigned status, std::string_view code, std::string_view sentence)
{
    std::string extra = "Paravent-Error: ";
    extra.append(code).append("\r\n");
    co_await say_last(status, std::move(extra), std::string(sentence));
}

awaitable<void> Http1Connection::refuse_blocked(std::string extra, std::string sentence)
{
    co_await say_last(403, std::move(extra), std::move(sentence));
}

awaitable<void> Http1Connection::say_last(unsigned status, std::string extra, std::string text)
{
    text += '\n';
    extra += "Content-Type: text/plain; charset=utf-8\r\n";
    h1::Reply reply;
    reply.status = status;
    reply.framing = h1::Framing::length;
    reply.length = text.size();
    reply.keep_alive = false;
    reply.extra = extra;
    std::string bytes;
    h1::write_response(bytes, reply, {});
    if (!co_await connection_.stream.write(bytes, linger_limit, text))
        co_await linger();
}

/// Closes so that the last reply arrives: a close with unread bytes would be a reset, which can overtake it.
awaitable<void> Http1Connection::linger()
{
    connection_.stream.shutdown_send();
    const auto until = net::coarse_now() + linger_limit.count();
    for (std::size_t all = 0; all < worth_draining && net::coarse_now() < until;) {
        if (co_await connection_.stream.readable(net::Millis(until - net::coarse_now())))
            break;
        const auto n = connection_.stream.try_read(connection_.worker.relay_tools().scratch);
        if (n && *n == 0)
            break;
        if (!n && n.error() != boost::system::errc::operation_would_block &&
            n.error() != boost::system::errc::resource_unavailable_try_again)
            break;
        all += n ? *n : 0;
    }
}

} // namespace paravent::server
