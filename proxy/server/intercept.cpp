#include "proxy/server/intercept.hpp"

#include "proxy/server/browser.hpp"
#include "proxy/server/hello.hpp"
#include "proxy/server/http2_connection.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/steering.hpp"
#include "proxy/server/tls_layer.hpp"
#include "proxy/server/tunnel.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace paravent::server {

using net::awaitable;
using Reading = wire::ClientHelloReader::Reading;
using Outcome = tls::Session::Outcome;

namespace {

/// What of the client's offer is understood here, in its order and form.
std::string known_protocols(std::string_view alpn)
{
    std::string known;
    while (!alpn.empty()) {
        const auto size = static_cast<std::size_t>(static_cast<unsigned char>(alpn.front())) + 1;
        const auto entry = alpn.substr(0, size);
        if (entry.substr(1) == "h2" || entry.substr(1) == "http/1.1")
            known += entry;
        alpn.remove_prefix(std::min(size, alpn.size()));
    }
    return known;
}

/// The story of one intercepted connection, with all that its steps share.
class Interceptor {
public:
    Interceptor(Connection& connection, std::shared_ptr<const Snapshot> snapshot, Interception plan, std::string host,
                std::uint16_t port, std::string kept, std::optional<Way> way)
        : connection_(connection), shared_(connection.worker.shared), snapshot_(std::move(snapshot)),
          plan_(std::move(plan)), kept_(std::move(kept)), way_(std::move(way))
    {
        inside_->host = std::move(host);
        inside_->dialled = connection.dialled(inside_->host);
        inside_->port = port;
        inside_->device = plan_.device;
        inside_->side = shared_.interception.origins();
    }

    awaitable<void> run();

private:
    bool fits(const wire::ClientHello& hello);
    awaitable<bool> verify_origin();
    awaitable<bool> answer_client();
    awaitable<void> serve_inside();
    awaitable<void> tunnel();
    void note_refusal(const tls::Session& session);

    Connection& connection_;
    Shared& shared_;
    std::shared_ptr<const Snapshot> snapshot_;
    const Interception plan_;
    const std::uint64_t began_ = shared_.interception.bypasses().moment();
    std::string kept_; ///< the client's bytes, until they are known to be for us
    std::optional<Way> way_;
    std::unique_ptr<Inside> inside_ = std::make_unique<Inside>();
    std::optional<wire::ClientHelloReader> reader_{std::in_place}; ///< until the hello has said what it says
};

awaitable<void> Interceptor::run()
{
    net::Stream* const origin = way_ ? way_->stream.get() : nullptr;
    const auto limit = snapshot_->settings->limits.tls;
    const auto reading = co_await hear_hello(connection_, *reader_, kept_, limit, origin);
    if (reading == Reading::need_more) // it left, or stayed silent for too long
        co_return;
    const bool fitting = reading == Reading::hello && fits(reader_->hello());
    reader_.reset();
    if (!fitting)
        co_return co_await tunnel();
    const bool verified = co_await verify_origin();
    if (!verified)
        co_return co_await tunnel();
    const bool taken = co_await answer_client();
    if (taken)
        co_await serve_inside();
}

/// Whether it is what the client said it would be, in words that are understood here.
bool Interceptor::fits(const wire::ClientHello& hello)
{
    inside_->alpn = known_protocols(hello.alpn);
    return hello.server_name == inside_->host && (hello.alpn.empty() || !inside_->alpn.empty());
}

/// The origin first, unless it was verified a short while ago: what is wrong with it the client is to see for itself.
awaitable<bool> Interceptor::verify_origin()
{
    const auto now = wall_clock_ms();
    auto& verified = shared_.interception.verified();
    const auto remember = snapshot_->settings->tls.remember.count();
    if (!way_) {
        if (auto protocol = verified.protocol(inside_->origin(), inside_->alpn, remember, now)) {
            inside_->protocol = std::move(*protocol);
            co_return true;
        }
        auto way =
            co_await open_inside(connection_.worker, *snapshot_, *inside_, &connection_.stream, inside_->protocol);
        if (!way) {
            verified.forget(inside_->origin());
            co_return false;
        }
        way_ = std::move(*way);
    } else if (co_await secure(*way_, *inside_, snapshot_->settings->limits.tls, inside_->protocol)) {
        way_.reset();
        verified.forget(inside_->origin());
        co_return false;
    }
    shared_.interception.remember_verified(inside_->side, inside_->origin(), inside_->alpn, inside_->protocol, now);
    add(connection_.worker, *inside_, std::move(*way_), inside_->protocol, snapshot_->settings->limits.idle);
    way_.reset();
    co_return true;
}

awaitable<bool> Interceptor::answer_client()
{
    auto layer = std::make_unique<TlsLayer>(connection_.stream);
    auto session = shared_.interception.clients().session(*plan_.authority, plan_.device, inside_->host,
                                                          inside_->protocol, *layer, wall_clock_ms() / 1000);
    if (!session)
        co_return false;
    layer->begin(std::move(*session));
    layer->session().replay(std::exchange(kept_, {}));
    if (co_await layer->shake_hands(snapshot_->settings->limits.tls) != Outcome::done) {
        note_refusal(layer->session());
        co_return false;
    }
    connection_.stream.put_on(std::move(layer));
    co_return true;
}

awaitable<void> Interceptor::serve_inside()
{
    snapshot_.reset(); // a connection may go on for days, and would keep the rules of its day
    connection_.in = {};
    connection_.inside = std::move(inside_);
    if (connection_.inside->protocol == "h2") {
        Http2Connection http(connection_);
        co_await http.run();
    } else {
        co_await connection_.serve_http1();
    }
    if (!connection_.asked())
        if (auto* layer = dynamic_cast<TlsLayer*>(connection_.stream.layer()))
            note_refusal(layer->session());
}

/// As if nobody had wanted to look: the verdict about the host, and its own certificate for the client.
awaitable<void> Interceptor::tunnel()
{
    const auto judgement = judge_host(connection_, *snapshot_, inside_->host);
    if (judgement.action == rules::Action::block || judgement.action == rules::Action::answer)
        co_return connection_.stream.reset();
    if (!way_) {
        auto way = co_await open_way(connection_.worker, *snapshot_, inside_->dialled, inside_->port, Purpose::tunnel,
                                     &connection_.stream);
        note_steering(connection_, way ? net::error_code{} : way.error());
        if (!way)
            co_return connection_.stream.reset();
        way_ = std::move(*way);
    }
    connection_.in = {};
    const auto limits = tunnel_limits(*snapshot_);
    snapshot_.reset();
    co_await run_tunnel(connection_, limits, inside_->host, std::move(kept_), std::move(*way_));
}

/// An app that accepts its maker's certificate alone is left in peace for a day, at its second try.
void Interceptor::note_refusal(const tls::Session& session)
{
    const auto refusal = session.refusal();
    const auto& host = connection_.inside ? connection_.inside->host : inside_->host;
    if (!refusal || !shared_.interception.bypasses().refused(plan_.device, host, *refusal, began_, wall_clock_ms()))
        return;
    net::asio::post(shared_.site_thread, [&interception = shared_.interception] { (void)interception.save(); });
}

} // namespace

std::optional<Interception> plan_interception(Connection& connection, const Snapshot& snapshot, const std::string& host,
                                              std::string_view user_agent)
{
    const auto& client = *connection.client();
    const auto now = wall_clock_ms();
    if (!client.device.intercept || !snapshot.rules->in_scope(host) || client.unjudged(now) ||
        tls::is_before_build(now / 1000))
        return std::nullopt;
    if (client.device.browsers_only && !is_browser(user_agent))
        return std::nullopt;
    auto& interception = connection.worker.shared.interception;
    auto authority = interception.trust().choose(client.device.id, *interception.authorities(), now).authority;
    if (!authority || !authority->meta().covers(host) || !authority->is_valid(now / 1000))
        return std::nullopt;
    // Whether a host that carries tracking alone is blocked then, the verdict about the whole host says.
    if (interception.bypasses().way(client.device.id, host, false, now) != tls::BypassMemory::Way::intercept)
        return std::nullopt;
    return Interception{std::move(authority), client.device.id};
}

bool is_remembered(Connection& connection, const Snapshot& snapshot, const std::string& host, std::uint16_t port)
{
    return connection.worker.shared.interception.verified().knows(
        host + ':' + std::to_string(port), snapshot.settings->tls.remember.count(), wall_clock_ms());
}

awaitable<void> intercept(Connection& connection, std::shared_ptr<const Snapshot> snapshot, Interception plan,
                          std::string host, std::uint16_t port, std::string kept, std::optional<Way> way)
{
    Interceptor interceptor(connection, std::move(snapshot), std::move(plan), std::move(host), port, std::move(kept),
                            std::move(way));
    co_await interceptor.run();
}

} // namespace paravent::server
