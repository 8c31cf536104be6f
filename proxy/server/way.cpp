#include "proxy/server/way.hpp"

#include "proxy/net/buffer.hpp"
#include "proxy/net/error.hpp"
#include "proxy/wire/http1.hpp"
#include "proxy/wire/socks5.hpp"
#include "proxy/wire/target.hpp"

namespace paravent::server {

using net::awaitable;
using net::error_code;
using Kind = decltype(config::Settings::upstream.kind);
namespace socks5 = wire::socks5;

namespace {

std::string base64(std::string_view in)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < in.size(); i += 3) {
        const auto byte = [&](std::size_t k) {
            return i + k < in.size() ? static_cast<unsigned>(static_cast<unsigned char>(in[i + k])) : 0u;
        };
        const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out += letters[group >> 18 & 63];
        out += letters[group >> 12 & 63];
        out += i + 1 < in.size() ? letters[group >> 6 & 63] : '=';
        out += i + 2 < in.size() ? letters[group & 63] : '=';
    }
    return out;
}

/// A conversation with the parent, before the way is open.
class Parent {
public:
    Parent(net::Stream& stream, net::Millis limit) : stream_(stream), limit_(limit) {}

    awaitable<error_code> say(std::string bytes) { co_return co_await stream_.write(bytes, limit_); }

    /// Waits until `take` has found its reply at the front; what it takes is dropped.
    template <class Take>
    awaitable<error_code> hear(Take take)
    {
        for (;;) {
            const auto used = take(in_.view());
            if (!used)
                co_return net::Error::parent;
            if (*used > 0) {
                in_.consume(*used);
                co_return error_code{};
            }
            const auto n = co_await stream_.read_some(in_.room(), limit_);
            if (!n)
                co_return n.error();
            if (*n == 0)
                co_return net::Error::parent;
            in_.commit(*n);
        }
    }
    std::string leftover() const { return std::string(in_.view()); }

private:
    net::Stream& stream_;
    net::Millis limit_;
    net::Buffer in_;
};

awaitable<error_code> connect_by_http(Parent& parent, const config::Settings& settings, const std::string& authority)
{
    std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    request += parent_authorization(settings) + "\r\n";
    if (const auto error = co_await parent.say(std::move(request)))
        co_return error;
    unsigned status = 0;
    const auto error = co_await parent.hear([&](std::string_view in) {
        wire::http1::ResponseHead head;
        const auto size = wire::http1::parse_response(in, "CONNECT", head);
        status = head.status;
        return size;
    });
    if (error)
        co_return error;
    co_return status / 100 == 2 ? error_code{} : net::Error::parent;
}

error_code error_of(socks5::Reply reply)
{
    switch (reply) {
    case socks5::Reply::succeeded:
        return {};
    case socks5::Reply::network_unreachable:
    case socks5::Reply::host_unreachable:
    case socks5::Reply::connection_refused:
    case socks5::Reply::ttl_expired:
        return net::Error::connect;
    default:
        return net::Error::parent;
    }
}

awaitable<error_code> connect_by_socks(Parent& parent, const config::Settings& settings, const std::string& host,
                                       std::uint16_t port)
{
    const auto& upstream = settings.upstream;
    const bool password = !upstream.user.empty();
    if (const auto error = co_await parent.say(socks5::client_greeting(password)))
        co_return error;
    char method = '\xff';
    const auto two_bytes = [](char& second) {
        return [&second](std::string_view in) -> net::result<std::size_t> {
            if (in.size() < 2)
                return std::size_t{0};
            second = in[1];
            return std::size_t{2};
        };
    };
    if (const auto error = co_await parent.hear(two_bytes(method)))
        co_return error;
    if (method == 2 && password) {
        char status = 1;
        if (const auto error = co_await parent.say(socks5::client_password(upstream.user, upstream.password)))
            co_return error;
        if (const auto error = co_await parent.hear(two_bytes(status)))
            co_return error;
        if (status != 0)
            co_return net::Error::parent;
    } else if (method != 0) {
        co_return net::Error::parent;
    }
    if (const auto error = co_await parent.say(socks5::client_request(host, port)))
        co_return error;
    auto reply = socks5::Reply::general_failure;
    if (const auto error = co_await parent.hear([&](std::string_view in) { return socks5::parse_reply(in, reply); }))
        co_return error;
    co_return error_of(reply);
}

/// What can be judged of a destination that the parent will resolve: numbers, and names that never leave a computer.
error_code judge_unresolved(const Snapshot& snapshot, const std::string& host, std::uint16_t port)
{
    error_code no_number;
    const auto address = net::asio::ip::make_address(host, no_number);
    if (!no_number)
        return snapshot.destinations.judge(address, port);
    if (host == "localhost" || host.ends_with(".localhost"))
        return snapshot.destinations.judge(net::asio::ip::address_v4::loopback(), port);
    return {};
}

} // namespace

bool speaks_to_parent(const config::Settings& settings) noexcept
{
    return settings.upstream.kind == Kind::http;
}

std::string key_of_way(const config::Settings& settings, const std::string& host, std::uint16_t port)
{
    const auto& upstream = settings.upstream;
    std::string destination = host + ":" + std::to_string(port);
    if (upstream.kind == Kind::none)
        return destination;
    // A parent for HTTP takes requests for every host on one connection; one for SOCKS leads to one host, for one user.
    const std::string parent = upstream.host + ":" + std::to_string(upstream.port);
    if (speaks_to_parent(settings))
        return "http://" + parent;
    return "socks5://" + upstream.user + "@" + parent + "/" + destination;
}

std::string parent_authorization(const config::Settings& settings)
{
    const auto& upstream = settings.upstream;
    if (upstream.kind != Kind::http || upstream.user.empty())
        return {};
    return "Proxy-Authorization: Basic " + base64(upstream.user + ":" + upstream.password) + "\r\n";
}

awaitable<net::result<Way>> open_way(Worker& worker, const Snapshot& snapshot, std::string host, std::uint16_t port,
                                     Purpose purpose, net::Stream* waiter)
{
    const auto& settings = *snapshot.settings;
    if (const auto error = snapshot.destinations.judge_port(port))
        co_return error;
    if (settings.upstream.kind == Kind::none) {
        auto stream = co_await net::dial(worker.dial_tools(waiter), std::move(host), port, &snapshot.destinations,
                                         settings.limits.connect);
        if (!stream)
            co_return stream.error();
        co_return Way{std::move(*stream), {}};
    }
    if (const auto error = judge_unresolved(snapshot, host, port))
        co_return error;
    auto stream = co_await net::dial(worker.dial_tools(waiter), settings.upstream.host, settings.upstream.port, nullptr,
                                     settings.limits.connect);
    if (!stream)
        co_return stream.error();
    if (speaks_to_parent(settings) && purpose == Purpose::http)
        co_return Way{std::move(*stream), {}};
    Parent parent(**stream, settings.limits.connect);
    error_code error;
    if (settings.upstream.kind == Kind::socks5) {
        error = co_await connect_by_socks(parent, settings, host, port);
    } else {
        const bool v6 = host.find(':') != std::string::npos;
        const auto authority = (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
        error = co_await connect_by_http(parent, settings, authority);
    }
    if (error)
        co_return error;
    co_return Way{std::move(*stream), parent.leftover()};
}

} // namespace paravent::server
