#include "proxy/server/http1_connection.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/last_word.hpp"
#include "proxy/server/transparent.hpp"

#include <algorithm>
#include <utility>

namespace paravent::server {

namespace h1 = wire::http1;
using net::awaitable;
using net::error_code;

namespace {

constexpr std::size_t body_piece = 64 * 1024;

std::string_view code_of(unsigned status) noexcept
{
    switch (status) {
    case 414:
        return "too-large";
    case 421:
        return "misdirected";
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
    auto error = understand();
    if (!error)
        error = judge_begun_body();
    if (error) {
        const auto status = wire::status_of(static_cast<wire::Error>(error.value()));
        co_await refuse(status, code_of(status), error.message());
        co_return false;
    }
    connection_.note_trust();
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
    const bool led_here = connection_.role == Role::steered || connection_.role == Role::redirected;
    error_code aimed;
    if (connection_.inside)
        aimed = aim_inside(*target);
    else if (led_here && !connection_.secure)
        aimed = aim_by_host(*target);
    if (aimed)
        return aimed;
    info_.target = std::move(*target);
    info_.method = head_.method;
    info_.fields = &head_.fields;
    info_.version = head_.minor > 0 ? "1.1" : "1.0";
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

/// An intercepted connection leads to one origin: the name that was verified is the only one that may be asked for.
error_code Http1Connection::aim_inside(wire::Target& target) const
{
    const auto& inside = *connection_.inside;
    if (connect_)
        return wire::Error::bad_request;
    wire::HostPort host{target.host, target.port};
    bool https = target.https;
    if (target.form != wire::Target::Form::absolute) {
        auto named = wire::parse_host(head_.host);
        if (!named)
            return named.error();
        host = std::move(*named);
        https = true;
    }
    if (!https || host.host != inside.host || (host.port == 0 ? 443 : host.port) != inside.port)
        return wire::Error::misdirected;
    if (target.form == wire::Target::Form::asterisk) { // as absolute-form has it (RFC 9112, section 3.2.4)
        target.bare = true;
        target.path = "/";
    }
    target.form = wire::Target::Form::absolute;
    target.https = true;
    target.host = inside.host;
    target.port = inside.port;
    return {};
}

/// A client that takes this for the origin says in Host whom it means.
error_code Http1Connection::aim_by_host(wire::Target& target) const
{
    if (connect_)
        return wire::Error::bad_request;
    const auto& original = connection_.original;
    if (target.form != wire::Target::Form::absolute) {
        const auto named = wire::parse_host(head_.host);
        if (!named)
            return named.error();
        target.host = named->host;
        target.port = named->port == 0 ? std::uint16_t{80} : named->port;
    }
    if (target.https)
        return wire::Error::bad_request;
    if (original)
        target.port = original->port();
    else if (target.port != 80 || !may_be_asked(*connection_.worker.snapshot(), target.host))
        return wire::Error::misdirected;
    if (target.form == wire::Target::Form::asterisk) { // as absolute-form has it (RFC 9112, section 3.2.4)
        target.bare = true;
        target.path = "/";
    }
    target.form = wire::Target::Form::absolute;
    return {};
}

/// What of the body came with the head, or right behind it, is judged before anybody hears of the request: of one that
/// can be read in two ways nothing goes out. A fault that comes later finds its beginning on the way already.
error_code Http1Connection::judge_begun_body() const
{
    auto reader = body_;
    auto rest = connection_.in.view().substr(head_size_);
    while (!reader.done()) {
        const auto piece = reader.next(rest);
        if (!piece)
            return piece.error();
        if (piece->consumed == 0)
            break;
        rest.remove_prefix(piece->consumed);
    }
    return {};
}

awaitable<net::result<std::string_view>> Http1Connection::read_body(net::Millis limit)
{
    if (limit == net::Millis(0))
        limit = settings().limits.idle;
    for (;;) {
        if (!reads_in_)
            body_bytes_.consume(std::exchange(to_consume_, 0));
        if (body_.done())
            co_return std::string_view{};
        // `in` keeps the head, so what lies behind it is counted by an offset instead of being consumed.
        const auto have = reads_in_ ? connection_.in.bytes().subspan(head_size_) : body_bytes_.bytes();
        const auto piece = body_.gather(have);
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
        const auto n = co_await connection_.stream.read_some(body_bytes_.room(4096), limit);
        if (!n)
            co_return n.error();
        if (*n == 0)
            co_return net::error_code(net::Error::closed);
        body_bytes_.commit(*n);
    }
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
        co_await linger(connection_);
        co_return false;
    }
    while (!body_.done()) {
        const auto piece = co_await read_body(settings().limits.idle);
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

} // namespace paravent::server
