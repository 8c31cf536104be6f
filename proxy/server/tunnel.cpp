#include "proxy/server/tunnel.hpp"

#include "proxy/net/relay.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/box_tls.hpp"
#include "proxy/server/opening.hpp"

#include <algorithm>
#include <optional>

namespace paravent::server {

using net::awaitable;

namespace {

/// A drain lets a tunnel go on while bytes flow.
constexpr net::Millis quiet_enough{2000};

std::string url_of_host(const std::string& host)
{
    return "https://" + wire::host_field(host, 443, true) + "/";
}

/// A host of which nothing else is known; the views are the caller's.
Asked whole_host(const std::string& url, const std::string& host)
{
    return {"CONNECT", url, host, {}, rules::Type::other, false};
}

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// The box's own name ends here, and never at what another might answer to it.
awaitable<void> connect_to_box(Connection& connection, Http1Connection& http)
{
    const auto early = http.take_leftover();
    const auto limit = connection.worker.snapshot()->settings->limits.idle;
    if (co_await connection.stream.write(established, limit))
        co_return;
    const auto room = connection.in.room(early.size() + 1);
    std::copy(early.begin(), early.end(), room.begin());
    connection.in.commit(early.size());
    co_await serve_box(connection);
}

} // namespace

OpenTunnel::OpenTunnel(Connection& connection, const Asked& asked, net::Relay& relay)
    : connection_(connection), method_(asked.method), url_(asked.url), host_(asked.host), page_(asked.page),
      asked_(asked), relay_(relay)
{
    asked_.method = method_;
    asked_.url = url_;
    asked_.host = host_;
    asked_.page = page_;
    connection_.worker.add(*this);
}

OpenTunnel::~OpenTunnel()
{
    connection_.worker.remove(*this);
}

void OpenTunnel::rejudge()
{
    if (connection_.no_longer_inside()) // its owner does not want it looked into any more
        return relay_.stop();
    const auto client = connection_.client();
    if (client->unjudged(wall_clock_ms()))
        return;
    const auto judgement = judge(*connection_.worker.snapshot(), *client, asked_);
    if (judgement.action == rules::Action::block || judgement.action == rules::Action::answer)
        relay_.stop();
}

void OpenTunnel::end_if_idle()
{
    if (relay_.quiet_for() >= quiet_enough)
        relay_.stop();
}

Judgement judge_host(Connection& connection, const Snapshot& snapshot, const std::string& host)
{
    const auto client = connection.client();
    const auto url = url_of_host(host);
    return judge_and_record(connection, snapshot, *client, whole_host(url, host));
}

Judgement judge_outside(Connection& connection, const Snapshot& snapshot, const std::string& host)
{
    const auto client = connection.client();
    const auto url = url_of_host(host);
    auto asked = whole_host(url, host);
    asked.intercepted = true;
    auto judgement = judge(snapshot, *client, asked);
    if (judgement.action == rules::Action::block || judgement.action == rules::Action::answer)
        record(connection, *client, asked, judgement);
    return judgement;
}

net::Relay::Limits tunnel_limits(const Snapshot& snapshot) noexcept
{
    const auto& limits = snapshot.settings->limits;
    return {limits.tunnel_idle, std::min(limits.tunnel_idle, limits.idle)};
}

awaitable<void> run_tunnel(Connection& connection, net::Relay::Limits limits, std::string host, std::string leftover,
                           Way way)
{
    net::Relay relay(connection.stream, *way.stream, std::move(leftover), std::move(way.leftover),
                     connection.worker.relay_tools(), limits);
    const OpenTunnel open(connection, whole_host(url_of_host(host), host), relay);
    const auto end = co_await relay.run();
    // A cut is passed on as a cut: neither side may take half a message for a whole one.
    if (end != net::RelayEnd::finished) {
        way.stream->reset();
        connection.stream.reset();
    }
}

namespace {

/// A CONNECT whose client was told that the way is open.
struct Admitted {
    std::shared_ptr<const Snapshot> snapshot;
    std::string host;
    std::uint16_t port = 443;
    std::string kept; ///< the client's bytes behind its request
    Opened opened;
};

/// Nothing where it was refused, or served here. Apart from what follows, so that what the decision takes in memory is
/// gone for as long as a connection lasts.
awaitable<std::unique_ptr<Admitted>> admit(Connection& connection, Http1Connection& http)
{
    auto admitted = std::make_unique<Admitted>();
    const auto snapshot = admitted->snapshot = connection.worker.snapshot();
    const auto& target = http.head().target;
    if (connection.role == Role::dashboard) {
        co_await http.refuse(400, "bad-request", "this is the dashboard, the proxy has a port of its own");
        co_return nullptr;
    }
    if (snapshot->is_box(target.host)) {
        if (target.port == 443 && can_serve_box(connection)) {
            co_await connect_to_box(connection, http);
            co_return nullptr;
        }
        co_await http.refuse(403, "refused-destination",
                             "the dashboard answers to http://" + target.host +
                                 "/ here; to https on port 443, once the clock of this computer is right");
        co_return nullptr;
    }
    const std::string& host = admitted->host = target.host;
    admitted->port = target.port;
    const auto user_agent = wire::http1::find(*http.head().fields, "user-agent");
    auto result = co_await open(connection, *snapshot, host, target.port, user_agent);
    if (!result) {
        const auto failure = failure_of(result.error());
        const bool of_port = result.error() == net::Error::refused_port;
        std::string sentence = of_port ? std::string{} : host + ": ";
        sentence += result.error().message();
        co_await http.refuse(failure.status, failure.code, std::move(sentence));
        co_return nullptr;
    }
    admitted->opened = std::move(*result);
    if (const auto& judgement = admitted->opened.judgement; stops(judgement)) {
        // Built before the await: g++ 12 destroys a conditional's temporaries twice inside one (GCC bug 101244).
        std::string extra = "Paravent-Rule: " + judgement.rule + "\r\n";
        std::string sentence = "Paravent stopped this: rule " + judgement.rule;
        if (!judgement.verdict.rule.sentence.empty())
            sentence.append(". ").append(judgement.verdict.rule.sentence);
        co_await http.refuse_blocked(std::move(extra), std::move(sentence));
        co_return nullptr;
    }
    if (co_await connection.stream.write(established, snapshot->settings->limits.idle))
        co_return nullptr;
    admitted->kept = http.take_leftover();
    co_return std::move(admitted);
}

/// What `admitted` holds is gone when this returns.
awaitable<void> begin(Connection& connection, std::unique_ptr<Admitted> admitted)
{
    return go_on(connection, std::move(admitted->snapshot), std::move(admitted->opened), std::move(admitted->host),
                 admitted->port, std::move(admitted->kept));
}

} // namespace

awaitable<void> serve_connect(Connection& connection, Http1Connection& http)
{
    auto admitted = co_await admit(connection, http);
    if (admitted)
        co_await begin(connection, std::move(admitted));
}

} // namespace paravent::server
