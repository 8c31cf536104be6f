#include "proxy/server/box_tls.hpp"

#include "proxy/net/address.hpp"
#include "proxy/server/hello.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/tls_layer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

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

/// The box's own name that the client asks for, if it does.
std::string name_of(const wire::ClientHello& hello, const config::Settings& settings)
{
    const auto& names = settings.dashboard.names;
    return std::ranges::find(names, hello.server_name) != names.end() ? hello.server_name : std::string{};
}

/// Where the dashboard listens, and the address that this client came by.
std::vector<std::string> addresses_for(Connection& connection, const config::Settings& settings)
{
    std::vector<std::string> out;
    const auto add = [&out](const net::Address& address) {
        const auto plain = net::unmapped(address);
        const auto text = plain.to_string();
        const bool scoped = text.find('%') != std::string::npos; // a certificate has no word for that
        if (!plain.is_unspecified() && !scoped && std::ranges::find(out, text) == out.end())
            out.push_back(text);
    };
    for (const auto& endpoint : settings.dashboard.listen) {
        boost::system::error_code none;
        const auto address = net::asio::ip::make_address(endpoint.address, none);
        if (!none)
            add(address);
    }
    boost::system::error_code gone;
    const auto here = connection.stream.socket().local_endpoint(gone);
    if (!gone && connection.role == Role::dashboard) // through the proxy it is asked for by name
        add(here.address());
    return out;
}

/// Who answers a client, and with what.
struct Answer {
    std::shared_ptr<const tls::Authority> authority; ///< null: the box's own certificate
    std::string name;
};

Answer answer_for(Connection& connection, const wire::ClientHello& hello, const config::Settings& settings)
{
    auto authority = authority_for(connection);
    auto name = name_of(hello, settings);
    if (!authority || name.empty() || authority->issuer_for(name) != &authority->box())
        return {};
    return {std::move(authority), std::move(name)};
}

tls::result<std::unique_ptr<tls::Session>> session_for(Connection& connection, const Answer& answer,
                                                       const config::Settings& settings, tls::Transport& transport)
{
    auto& interception = connection.worker.shared.interception;
    const auto now = wall_clock_ms() / 1000;
    if (!answer.authority)
        return interception.own_certificate().session(settings.dashboard.names, addresses_for(connection, settings),
                                                      transport, now);
    return interception.clients().session(*answer.authority, connection.client()->device.id, answer.name, "http/1.1",
                                          transport, now);
}

} // namespace

bool can_serve_box(Connection& connection)
{
    auto& own = connection.worker.shared.interception.own_certificate();
    return authority_for(connection) != nullptr || own.is_there(wall_clock_ms() / 1000);
}

awaitable<void> serve_box(Connection& connection)
{
    const auto snapshot = connection.worker.snapshot();
    const auto limit = snapshot->settings->limits.tls;
    std::string kept(connection.in.view());
    connection.in = {};
    wire::ClientHelloReader reader;
    const auto reading = co_await hear_hello(connection, reader, kept, limit, nullptr);
    if (reading != wire::ClientHelloReader::Reading::hello)
        co_return;
    const auto answer = answer_for(connection, reader.hello(), *snapshot->settings);
    auto layer = std::make_unique<TlsLayer>(connection.stream);
    auto session = session_for(connection, answer, *snapshot->settings, *layer);
    if (!session)
        co_return;
    layer->begin(std::move(*session));
    layer->session().replay(std::exchange(kept, {}));
    const auto outcome = co_await layer->shake_hands(limit);
    if (outcome != Outcome::done) {
        if (answer.authority && layer->session().refusal() == tls::Refusal::unknown_ca)
            connection.worker.shared.interception.trust().refused(connection.client()->device.id,
                                                                  answer.authority->id(), wall_clock_ms());
        co_return;
    }
    connection.stream.put_on(std::move(layer));
    connection.secure = true;
    if (answer.authority)
        connection.secured_by = answer.authority->id();
    co_await connection.serve_http1();
}

} // namespace paravent::server
