#include "proxy/server/http2_upstream.hpp"

#include "proxy/net/error.hpp"

#include <utility>

namespace paravent::server {

using net::awaitable;
using net::error_code;
namespace h2 = wire::http2;

namespace {

/// An origin that sends heads and no reply is given up by the session's own bounds; this one is for memory.
constexpr std::size_t most_heads = 32;

} // namespace

Http2Upstream::Http2Upstream(std::shared_ptr<Http2Origin> origin)
    : stream(origin->worker_, origin->link_, origin->idle_), origin_(std::move(origin)), link_(origin_->link_),
      reused_(std::exchange(origin_->used_, true))
{
}

/// Whatever is still under way is of no interest to anybody.
Http2Upstream::~Http2Upstream()
{
    if (!sent_ || origin_->worker_.context.stopped())
        return;
    origin_->upstreams_.erase(stream.id);
    if (link_.ended())
        return;
    if (!stream.ended() && !stream.lost()) {
        link_.session.reset(stream.id, h2::cancel);
        stream.lose();
    }
    stream.drop();
    link_.flush();
}

awaitable<error_code> Http2Upstream::send(const config::Settings&, const Exchange::Head& head)
{
    if (!origin_->usable())
        co_return net::Error::closed;
    const auto authority = wire::host_field(head.target.host, head.target.port, true);
    const auto path = wire::origin_form(head.target, head.method);
    h2::Request request;
    request.method = head.method;
    request.scheme = "https";
    request.authority = authority;
    request.path = path;
    request.length = head.length;
    request.te_trailers = head.te_trailers;
    request.expect_continue = head.expect_continue;
    request.received = head.version;
    const auto id = link_.session.request(request, *head.fields, head.has_body);
    if (!id)
        co_return id.error();
    stream.id = *id;
    sent_ = true;
    origin_->upstreams_.emplace(*id, this);
    link_.flush();
    co_return error_code{};
}

awaitable<error_code> Http2Upstream::end_body(std::string_view trailer)
{
    if (stream.lost() || link_.ended())
        co_return net::Error::closed;
    link_.session.finish(stream.id, trailer);
    link_.flush();
    co_return error_code{};
}

void Http2Upstream::on_head(h2::Message head, bool end)
{
    heard_ = true;
    if (heads_.size() < most_heads)
        heads_.push_back(std::move(head));
    if (end)
        stream.end({});
    end_at_head_ = end;
    stream.has_come();
}

void Http2Upstream::on_reset(std::uint32_t code)
{
    refused_ = code == h2::refused_stream;
    // The reply is complete; only the rest of the request was not wanted.
    if (code == h2::no_error && stream.ended())
        return;
    stream.lose();
}

awaitable<error_code> Http2Upstream::read_head(ReplyHead& head)
{
    if (std::exchange(given_, false))
        heads_.pop_front();
    while (heads_.empty())
        if (const auto error = co_await stream.wait(); error && heads_.empty())
            co_return error;
    given_ = true;
    const auto& message = heads_.front();
    head = {};
    head.status = message.status;
    head.fields = &message.fields;
    if (message.status >= 200) {
        head.has_body = !end_at_head_;
        head.length = message.length;
    }
    co_return error_code{};
}

} // namespace paravent::server
