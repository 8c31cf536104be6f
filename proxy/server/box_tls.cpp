#include "proxy/server/box_tls.hpp"

#include "proxy/server/hello.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/tls_layer.hpp"

#include <algorithm>
#include <utility>

namespace paravent::server {

using net::awaitable;
using Outcome = tls::Session::Outcome;

namespace {

std::shared_ptr<const tls::Authority> authority_for(Connection& connection)
{
    auto& interception = connection.worker.shared.interception;
    const auto now = wall_clock_ms();
    if (tls::is_before_build(now / 1000))
        return nullptr;
    return interception.trust().probe(connection.client()->device.id, *interception.authorities(), now);
}

/// A client that gives no name means the box all the same.
std::string name_of(const wire::ClientHello& hello, const config::Settings& settings)
{
    const auto& names = settings.dashboard.names;
    if (hello.server_name.empty() && !names.empty())
        return names.front();
    return std::ranges::find(names, hello.server_name) != names.end() ? hello.server_name : std::string{};
}

} // namespace

bool can_serve_box(Connection& connection)
{
    return authority_for(connection) != nullptr;
}

awaitable<void> serve_box(Connection& connection)
{
    const auto snapshot = connection.worker.snapshot();
    const auto limit = snapshot->settings->limits.tls;
    const auto authority = authority_for(connection);
    std::string kept(connection.in.view());
    connection.in = {};
    wire::ClientHelloReader reader;
    const auto reading = co_await hear_hello(connection, reader, kept, limit, nullptr);
    if (!authority || reading != wire::ClientHelloReader::Reading::hello)
        co_return;
    const auto name = name_of(reader.hello(), *snapshot->settings);
    const auto* issuer = name.empty() ? nullptr : authority->issuer_for(name);
    if (issuer != &authority->box())
        co_return;

    auto& interception = connection.worker.shared.interception;
    const std::string device = connection.client()->device.id;
    auto layer = std::make_unique<TlsLayer>(connection.stream);
    auto session = interception.clients().session(*authority, device, name, "http/1.1", *layer, wall_clock_ms() / 1000);
    if (!session)
        co_return;
    layer->begin(std::move(*session));
    layer->session().replay(std::exchange(kept, {}));
    const auto outcome = co_await layer->shake_hands(limit);
    if (outcome != Outcome::done) {
        if (layer->session().refusal() == tls::Refusal::unknown_ca)
            interception.trust().refused(device, authority->id(), wall_clock_ms());
        co_return;
    }
    connection.stream.put_on(std::move(layer));
    connection.secured_by = authority->id();
    co_await connection.serve_http1();
}

} // namespace paravent::server
