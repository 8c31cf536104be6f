#include "proxy/server/transparent.hpp"

#include "proxy/activity/steerable.hpp"
#include "proxy/net/original_destination.hpp"
#include "proxy/server/box_tls.hpp"
#include "proxy/server/hello.hpp"
#include "proxy/server/opening.hpp"

#include <algorithm>
#include <array>

namespace paravent::server {

using net::awaitable;
using Reading = wire::ClientHelloReader::Reading;

namespace {

constexpr char tls_record = '\x16'; ///< a handshake (RFC 8446, section 5.1)
constexpr std::uint16_t https_port = 443;

/// Whether it begins as a request does, or may go on so. Meta's chat protocols begin with capitals, too.
bool begins_as_http(std::string_view bytes)
{
    constexpr std::array<std::string_view, 7> methods{"GET ",    "HEAD ",    "POST ", "PUT ",
                                                      "DELETE ", "OPTIONS ", "PATCH "};
    return std::ranges::any_of(
        methods, [&](std::string_view method) { return bytes.starts_with(method) || method.starts_with(bytes); });
}

/// A connection whose bytes are in `kept`, to a host of which nothing else is known. What is stopped is cut: apps try
/// again less often than after a handshake that fails.
awaitable<void> lead_on(Connection& connection, std::shared_ptr<const Snapshot> snapshot, std::string host,
                        std::uint16_t port, std::string kept)
{
    auto opened = co_await open(connection, *snapshot, host, port);
    if (!opened || stops(opened->judgement)) {
        connection.stream.reset();
        co_return;
    }
    co_await go_on(connection, std::move(snapshot), std::move(*opened), std::move(host), port, std::move(kept));
}

awaitable<void> serve_hello(Connection& connection)
{
    auto snapshot = connection.worker.snapshot();
    std::string kept(connection.in.view());
    connection.in = {};
    std::string name;
    {
        wire::ClientHelloReader reader;
        const auto reading = co_await hear_hello(connection, reader, kept, snapshot->settings->limits.tls, nullptr);
        if (reading == Reading::need_more) // it left, or stayed silent for too long
            co_return;
        if (reading == Reading::hello)
            name = reader.hello().server_name;
    }
    if (connection.original) {
        if (name.empty())
            name = connection.dialled(name);
        const auto port = connection.original->port();
        co_return co_await lead_on(connection, std::move(snapshot), std::move(name), port, std::move(kept));
    }
    if (snapshot->is_box(name)) {
        const auto room = connection.in.room(kept.size() + 1);
        std::ranges::copy(kept, room.begin());
        connection.in.commit(kept.size());
        co_return co_await serve_box(connection);
    }
    if (activity::is_steerable(name))
        co_await lead_on(connection, std::move(snapshot), std::move(name), https_port, std::move(kept));
}

/// Neither TLS nor HTTP: as if nobody had redirected it.
awaitable<void> pass_on(Connection& connection)
{
    auto snapshot = connection.worker.snapshot();
    std::string kept(connection.in.view());
    connection.in = {};
    const auto port = connection.original->port();
    co_await lead_on(connection, std::move(snapshot), connection.dialled({}), port, std::move(kept));
}

} // namespace

bool may_be_asked(const Snapshot& snapshot, std::string_view host)
{
    return activity::is_steerable(host) || snapshot.is_box(host);
}

awaitable<void> serve_transparent(Connection& connection)
{
    if (connection.role == Role::redirected) {
        connection.original = net::original_destination(connection.stream.fd());
        if (!connection.original) // it came to this port by itself: a loop, if anything
            co_return;
    }
    const auto first = connection.in.view();
    if (first.front() == tls_record)
        co_return co_await serve_hello(connection);
    const bool http = connection.original ? connection.original->port() != https_port && begins_as_http(first) : true;
    if (http)
        co_return co_await connection.serve_http1();
    co_await pass_on(connection);
}

} // namespace paravent::server
