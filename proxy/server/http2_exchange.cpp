#include "proxy/server/http2_exchange.hpp"

#include "proxy/net/error.hpp"

#include <utility>

namespace paravent::server {

using net::awaitable;
using net::error_code;
namespace h2 = wire::http2;

Http2Exchange::Http2Exchange(Http2Connection& its, h2::StreamId id, h2::Message message, bool end)
    : stream(its.connection_.worker, its.link_, its.idle_), link_(its.link_), connection_(its.connection_),
      message_(std::move(message))
{
    stream.id = id;
    head_.method = message_.method;
    head_.fields = &message_.fields;
    head_.has_body = !end;
    head_.length = message_.length;
    if (end && message_.length != 0u)
        head_.length.reset();
    head_.te_trailers = message_.te_trailers;
    head_.expect_continue = message_.expect_continue;
    head_.version = "2.0";
    if (end)
        stream.end({});
}

void Http2Exchange::leave() noexcept
{
    if (!finished_)
        abort();
    stream.drop();
}

error_code Http2Exchange::understand()
{
    const bool asterisk = message_.path == "*";
    url_.append(message_.scheme).append("://").append(message_.authority);
    if (!asterisk)
        url_.append(message_.path);
    auto target = wire::parse_target(url_, false);
    if (!target)
        return target.error();
    const auto& inside = *connection_.inside;
    if (!target->https || target->host != inside.host || target->port != inside.port)
        return wire::Error::misdirected;
    head_.target = std::move(*target);
    return {};
}

awaitable<error_code> Http2Exchange::write_interim(unsigned status, const Fields& fields)
{
    link_.session.interim(stream.id, status, fields);
    link_.flush();
    co_return error_code{};
}

void Http2Exchange::write_head(const Reply& reply)
{
    begun_ = true;
    static const Fields none;
    link_.session.respond(stream.id, reply.status, reply.fields ? *reply.fields : none, reply.length, reply.extra,
                          reply.has_body);
    // It goes out with the first bytes of the body, or at once where those may take their time.
    link_.flush();
}

awaitable<error_code> Http2Exchange::finish(std::string_view trailer)
{
    if (stream.lost() || link_.ended())
        co_return net::Error::closed;
    finished_ = true;
    link_.session.finish(stream.id, head_.te_trailers ? trailer : std::string_view{});
    link_.flush();
    co_return error_code{};
}

void Http2Exchange::abort() noexcept
{
    if (!std::exchange(finished_, true) && !stream.lost() && !link_.ended()) {
        link_.session.reset(stream.id, h2::internal_error);
        stream.lose();
        link_.flush();
    }
}

bool Http2Exchange::gone() noexcept
{
    return stream.lost() || link_.ended();
}

} // namespace paravent::server
