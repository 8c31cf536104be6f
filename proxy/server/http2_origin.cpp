#include "proxy/server/http2_origin.hpp"

#include "proxy/server/http2_upstream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace paravent::server {

namespace h2 = wire::http2;

Http2Origin::Http2Origin(Worker& worker, std::unique_ptr<net::Stream> stream, std::shared_ptr<tls::OriginSide> side,
                         net::Millis idle)
    : worker_(worker), side_(std::move(side)), stream_(std::move(stream)), idle_(idle),
      link_(worker, *stream_, h2::Role::client, *this, idle)
{
}

Http2Origin::~Http2Origin() = default;

void Http2Origin::start()
{
    net::asio::co_spawn(worker_.context.get_executor(), run(shared_from_this()), net::asio::detached);
}

net::awaitable<void> Http2Origin::run(std::shared_ptr<Http2Origin> self)
{
    co_await self->link_.run([&self] { return !self->stopped_ || !self->upstreams_.empty(); });
    self->stream_->shutdown_send();
    for (const auto& [id, upstream] : self->upstreams_)
        upstream->stream.lose();
}

std::unique_ptr<Upstream> Http2Origin::upstream()
{
    return std::make_unique<Http2Upstream>(shared_from_this());
}

void Http2Origin::stop() noexcept
{
    stopped_ = true;
    if (!worker_.context.stopped())
        stream_->cancel(); // what waits for it looks again
}

Http2Upstream* Http2Origin::find(h2::StreamId id) noexcept
{
    const auto found = upstreams_.find(id);
    return found != upstreams_.end() ? found->second : nullptr;
}

void Http2Origin::on_head(h2::StreamId id, h2::Message head, bool end)
{
    if (auto* upstream = find(id))
        upstream->on_head(std::move(head), end);
}

void Http2Origin::on_interim(h2::StreamId id, h2::Message head)
{
    if (auto* upstream = find(id))
        upstream->on_head(std::move(head), false);
}

void Http2Origin::on_body(h2::StreamId id, std::string_view bytes)
{
    if (auto* upstream = find(id))
        upstream->stream.take(bytes);
    else
        link_.session.consumed(id, bytes.size());
}

void Http2Origin::on_end(h2::StreamId id, std::string trailer)
{
    if (auto* upstream = find(id))
        upstream->stream.end(std::move(trailer));
}

void Http2Origin::on_reset(h2::StreamId id, std::uint32_t code)
{
    if (auto* upstream = find(id))
        upstream->on_reset(code);
}

void Http2Origin::on_room(h2::StreamId id)
{
    if (auto* upstream = find(id))
        upstream->stream.has_room();
}

} // namespace paravent::server
