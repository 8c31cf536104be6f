#include "proxy/server/http1_connection.hpp"
#include "proxy/server/last_word.hpp"

#include <utility>

/// What goes back to a client of HTTP/1.
namespace paravent::server {

namespace h1 = wire::http1;
using net::awaitable;
using net::error_code;

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
    if (given.close || connection_.no_longer_inside() || leaves_body || connection_.worker.draining() ||
        framing_ == h1::Framing::until_close)
        keep_alive_ = false;
    reply.keep_alive = keep_alive_;
    static const Fields none;
    h1::write_response(out_, reply, given.fields ? *given.fields : none);
}

awaitable<error_code> Http1Connection::write_body(std::string_view bytes)
{
    if (bytes.empty())
        co_return error_code{};
    std::string_view end;
    if (framing_ == h1::Framing::chunked) {
        h1::write_chunk_head(out_, bytes.size());
        end = "\r\n";
    }
    const auto error = co_await connection_.stream.write(out_, settings().limits.idle, bytes, end);
    out_.clear();
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

awaitable<void> Http1Connection::refuse(unsigned status, std::string_view code, std::string_view sentence)
{
    std::string extra = "Paravent-Error: ";
    extra.append(code).append("\r\n");
    co_await say_last(connection_, status, std::move(extra), std::string(sentence));
}

awaitable<void> Http1Connection::refuse_blocked(std::string extra, std::string sentence)
{
    co_await say_last(connection_, 403, std::move(extra), std::move(sentence));
}

} // namespace paravent::server
