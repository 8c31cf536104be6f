#include "proxy/server/reach.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/http1_upstream.hpp"
#include "proxy/server/inside.hpp"
#include "proxy/server/steering.hpp"

#include <algorithm>

namespace paravent::server {

using net::awaitable;
using Reached = net::result<std::unique_ptr<Upstream>>;

namespace {

constexpr net::Millis pooled{30'000}; ///< how long a connection waits for another request, at most

Origin origin_of(Way way)
{
    Origin origin;
    origin.stream = std::move(way.stream);
    const auto room = origin.in.room(way.leftover.size() + 1);
    std::copy(way.leftover.begin(), way.leftover.end(), room.begin());
    origin.in.commit(way.leftover.size());
    return origin;
}

std::unique_ptr<Upstream> pooled_upstream(Worker& worker, std::string key, Origin origin, net::Millis idle)
{
    auto keep = [&worker, key = std::move(key), idle](Origin back) {
        worker.origins.give_back(key, std::move(back), std::min(idle, pooled));
    };
    return std::make_unique<Http1Upstream>(std::move(origin), idle, std::move(keep));
}

awaitable<Reached> reach_plain(Connection& connection, const Snapshot& snapshot, Exchange& x, bool fresh)
{
    auto& worker = connection.worker;
    const auto idle = snapshot.settings->limits.idle;
    const auto port = x.head().target.port;
    const auto dialled = connection.dialled(x.head().target.host);
    auto key = key_of_way(*snapshot.settings, dialled, port);
    Origin origin;
    if (!fresh)
        origin = worker.origins.take(key);
    if (!origin.stream) {
        auto way = co_await open_way(worker, snapshot, dialled, port, Purpose::http, x.waiter());
        note_steering(connection, way ? net::error_code{} : way.error());
        if (!way)
            co_return way.error();
        origin = origin_of(std::move(*way));
    }
    co_return pooled_upstream(worker, std::move(key), std::move(origin), idle);
}

awaitable<Reached> reach_inside(Connection& connection, const Snapshot& snapshot, Exchange& x, bool fresh)
{
    auto& worker = connection.worker;
    auto& inside = *connection.inside;
    const auto idle = snapshot.settings->limits.idle;
    if (!fresh)
        if (auto upstream = reuse(inside, idle))
            co_return std::move(upstream);
    std::string protocol;
    auto way = co_await open_inside(worker, snapshot, inside, x.waiter(), protocol);
    note_steering(connection, way ? net::error_code{} : way.error());
    if (!way) {
        // The next connection is to see the origin's own certificate, whatever is wrong with it.
        worker.shared.interception.verified().forget(inside.origin());
        co_return way.error();
    }
    add(worker, inside, std::move(*way), protocol, idle);
    co_return newest(inside, protocol, idle);
}

} // namespace

awaitable<Reached> reach(Connection& connection, const Snapshot& snapshot, Exchange& exchange, bool fresh)
{
    if (connection.inside)
        co_return co_await reach_inside(connection, snapshot, exchange, fresh);
    co_return co_await reach_plain(connection, snapshot, exchange, fresh);
}

} // namespace paravent::server
