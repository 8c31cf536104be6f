#include "proxy/server/http1_upstream.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/origin_request.hpp"
#include "proxy/wire/target.hpp"

#include <utility>

namespace paravent::server {

namespace h1 = wire::http1;
using net::awaitable;
using net::error_code;

namespace {

constexpr std::size_t body_room = 64 * 1024; ///< a body that goes on gets a buffer worth a system call

} // namespace

awaitable<error_code> Http1Upstream::send(const config::Settings& settings, const Exchange::Head& head)
{
    method_ = head.method;
    has_body_ = head.has_body;
    chunked_ = head.has_body && !head.length;
    asked_upgrade_ = !head.upgrade.empty();
    const std::string request = origin_request(settings, head);
    co_return co_await origin_.stream->write(request, idle_);
}

awaitable<error_code> Http1Upstream::write_body(std::string_view bytes)
{
    if (!chunked_)
        co_return co_await origin_.stream->write(bytes, idle_);
    frame_.clear();
    h1::write_chunk_head(frame_, bytes.size());
    co_return co_await origin_.stream->write(frame_, idle_, bytes, "\r\n");
}

awaitable<error_code> Http1Upstream::end_body(std::string_view trailer)
{
    if (!chunked_)
        co_return error_code{};
    frame_.clear();
    h1::write_last_chunk(frame_, trailer);
    co_return co_await origin_.stream->write(frame_, idle_);
}

awaitable<error_code> Http1Upstream::read_head(ReplyHead& head)
{
    auto& in = origin_.in;
    in.consume(std::exchange(to_consume_, 0));
    for (;;) {
        if (!in.empty()) {
            heard_ = true;
            reply_.fields.clear();
            const auto size = h1::parse_response(in.view(), method_, reply_);
            if (!size)
                co_return size.error();
            // The head's views point into the buffer: it stays untouched until the next call.
            to_consume_ = *size;
            if (*size > 0)
                co_return understand(head);
        }
        const auto n = co_await origin_.stream->read_some(in.room(), idle_);
        if (!n)
            co_return n.error();
        if (*n == 0)
            co_return net::error_code(net::Error::closed);
        in.commit(*n);
    }
}

error_code Http1Upstream::understand(ReplyHead& head)
{
    head = {};
    head.status = reply_.status;
    head.fields = &reply_.fields;
    if (reply_.status == 101) {
        // Not while a body is on its way: its bytes and the new protocol's would share the connection.
        if (!asked_upgrade_ || reply_.upgrade.empty() || has_body_)
            return wire::Error::bad_response;
        head.upgrade = reply_.upgrade;
    }
    if (reply_.status < 200)
        return {};
    body_ = h1::BodyReader(reply_.framing, reply_.length);
    head.has_body =
        reply_.framing != h1::Framing::none && !(reply_.framing == h1::Framing::length && reply_.length == 0);
    if (reply_.framing == h1::Framing::length)
        head.length = reply_.length;
    else if (reply_.framing == h1::Framing::none)
        head.length = announced_length();
    return {};
}

/// A reply to HEAD, and a 304, may tell how long the body would have been.
std::optional<std::uint64_t> Http1Upstream::announced_length() const
{
    if (reply_.status == 204)
        return std::nullopt;
    const auto length = wire::parse_decimal(h1::find(reply_.fields, "content-length"), UINT64_MAX);
    return length ? std::optional(*length) : std::nullopt;
}

awaitable<net::result<std::string_view>> Http1Upstream::read_body()
{
    auto& in = origin_.in;
    for (;;) {
        in.consume(std::exchange(to_consume_, 0));
        if (body_.done())
            co_return std::string_view{};
        const auto piece = body_.gather(in.bytes()); // small chunks leave as one
        if (!piece)
            co_return piece.error();
        to_consume_ = piece->consumed;
        if (!piece->payload.empty())
            co_return piece->payload;
        if (piece->consumed > 0 || body_.done())
            continue;
        const auto n = co_await origin_.stream->read_some(in.room(in.empty() ? body_room : 1), idle_);
        if (!n)
            co_return n.error();
        if (*n == 0) {
            if (body_.at_close())
                co_return std::string_view{};
            co_return net::error_code(net::Error::closed);
        }
        in.commit(*n);
    }
}

net::Stream* Http1Upstream::take_over(std::string& leftover)
{
    origin_.in.consume(std::exchange(to_consume_, 0));
    leftover = origin_.in.view();
    origin_.in = {};
    return origin_.stream.get();
}

void Http1Upstream::release(bool sent_whole)
{
    origin_.in.consume(std::exchange(to_consume_, 0));
    if (reply_.keep_alive && sent_whole && origin_.in.empty() && reply_.framing != h1::Framing::until_close)
        keep_(std::move(origin_));
}

} // namespace paravent::server
