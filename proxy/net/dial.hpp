#pragma once

#include "proxy/net/destinations.hpp"
#include "proxy/net/resolver.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/stream.hpp"

#include <memory>
#include <string>

namespace paravent::net {

/// What dialling needs of its worker.
struct DialTools {
    asio::io_context& context;
    Deadlines& deadlines;
    Signals& signals;
    Resolver& resolver;
    Stream* waiter = nullptr; ///< whoever waits for the connection: if it goes, the attempts end. May be null
};

/// Connects to a host (normal form, or an IP address) by RFC 8305: IPv6 and IPv4 in turn, the next address 250 ms after
/// the one before or as soon as it fails. `destinations` null: everything is allowed (a parent proxy).
/// The port has been judged before.
awaitable<result<std::unique_ptr<Stream>>> dial(DialTools tools, std::string host, std::uint16_t port,
                                                const Destinations* destinations, Millis limit);

} // namespace paravent::net
