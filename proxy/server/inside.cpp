#include "proxy/server/inside.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/http1_upstream.hpp"
#include "proxy/server/http2_origin.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/tls_layer.hpp"

#include <utility>

namespace paravent::server {

using net::awaitable;

awaitable<net::error_code> secure(Way& way, const Inside& inside, net::Millis limit, std::string& protocol)
{
    auto layer = std::make_unique<TlsLayer>(*way.stream);
    auto session = inside.side->session(inside.device, inside.host, inside.alpn, *layer, wall_clock_ms() / 1000);
    if (!session)
        co_return net::Error::tls;
    layer->begin(std::move(*session));
    if (!way.leftover.empty())
        layer->session().replay(std::exchange(way.leftover, {}));
    if (co_await layer->shake_hands(limit) != tls::Session::Outcome::done)
        co_return net::Error::tls;
    protocol = layer->session().protocol();
    way.stream->put_on(std::move(layer));
    co_return net::error_code{};
}

awaitable<net::result<Way>> open_inside(Worker& worker, const Snapshot& snapshot, const Inside& inside,
                                        net::Stream* waiter, std::string& protocol)
{
    const auto limit = snapshot.settings->limits.tls;
    auto way = co_await open_way(worker, snapshot, inside.dialled, inside.port, Purpose::tunnel, waiter);
    if (!way)
        co_return way.error();
    if (const auto error = co_await secure(*way, inside, limit, protocol))
        co_return error;
    co_return std::move(*way);
}

Inside::Inside() = default;

Inside::~Inside()
{
    for (const auto& origin : shared)
        origin->stop();
}

namespace {

std::unique_ptr<Upstream> use(Inside& inside, Origin origin, net::Millis idle)
{
    return std::make_unique<Http1Upstream>(std::move(origin), idle, [&inside](Origin back) {
        back.reused = true;
        back.in.release_if_empty();
        back.stream->rest();
        inside.idle.push_back(std::move(back));
    });
}

} // namespace

std::unique_ptr<Upstream> reuse(Inside& inside, net::Millis idle)
{
    std::erase_if(inside.shared, [](const auto& origin) { return origin->over(); });
    for (const auto& origin : inside.shared)
        if (origin->usable())
            return origin->upstream();
    while (!inside.idle.empty()) {
        Origin origin = std::move(inside.idle.back());
        inside.idle.pop_back();
        if (origin.stream->quiet())
            return use(inside, std::move(origin), idle);
    }
    return nullptr;
}

std::unique_ptr<Upstream> newest(Inside& inside, const std::string& protocol, net::Millis idle)
{
    if (protocol == "h2")
        return inside.shared.back()->upstream();
    Origin origin = std::move(inside.idle.back());
    inside.idle.pop_back();
    return use(inside, std::move(origin), idle);
}

void add(Worker& worker, Inside& inside, Way way, const std::string& protocol, net::Millis idle)
{
    if (protocol == "h2") {
        inside.shared.push_back(std::make_shared<Http2Origin>(worker, std::move(way.stream), inside.side, idle));
        inside.shared.back()->start();
        return;
    }
    Origin origin;
    origin.stream = std::move(way.stream);
    inside.idle.push_back(std::move(origin));
}

} // namespace paravent::server
