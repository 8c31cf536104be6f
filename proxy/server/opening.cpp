#include "proxy/server/opening.hpp"

#include "proxy/server/steering.hpp"
#include "proxy/server/tunnel.hpp"

namespace paravent::server {

using net::awaitable;

awaitable<net::result<Opened>> open(Connection& connection, const Snapshot& snapshot, const std::string& host,
                                    std::uint16_t port, std::string_view user_agent)
{
    if (const auto error = snapshot.destinations.judge_port(port))
        co_return error;
    Opened opened;
    opened.plan = plan_interception(connection, snapshot, host, user_agent);
    opened.judgement = opened.plan ? judge_outside(connection, snapshot, host) : judge_host(connection, snapshot, host);
    if (stops(opened.judgement))
        co_return std::move(opened);
    if (opened.plan && is_remembered(connection, snapshot, host, port))
        co_return std::move(opened);
    auto way = co_await open_way(connection.worker, snapshot, connection.dialled(host), port, Purpose::tunnel,
                                 &connection.stream);
    note_steering(connection, way ? net::error_code{} : way.error());
    if (!way)
        co_return way.error();
    opened.way = std::move(*way);
    co_return std::move(opened);
}

awaitable<void> go_on(Connection& connection, std::shared_ptr<const Snapshot> snapshot, Opened opened, std::string host,
                      std::uint16_t port, std::string kept)
{
    if (opened.plan)
        return intercept(connection, std::move(snapshot), std::move(*opened.plan), std::move(host), port,
                         std::move(kept), std::move(opened.way));
    return run_tunnel(connection, tunnel_limits(*snapshot), std::move(host), std::move(kept), std::move(*opened.way));
}

} // namespace paravent::server
