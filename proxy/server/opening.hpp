#pragma once

#include "proxy/server/intercept.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/way.hpp"

#include <optional>
#include <string>

namespace paravent::server {

/// A destination of which only the host is known yet, judged, and opened unless it is stopped.
struct Opened {
    Judgement judgement;              ///< where it `stops`, nothing else is there
    std::optional<Interception> plan; ///< its requests are to be seen one by one
    std::optional<Way> way;           ///< none where it is remembered, and may be answered before it is dialled
};

/// What is asked for by CONNECT, by SOCKS, or by a connection that was led here. Errors of net::Error; a refusal by
/// rules is none. `user_agent`: what a CONNECT named, for devices of which only the browsers are looked into.
net::awaitable<net::result<Opened>> open(Connection& connection, const Snapshot& snapshot, const std::string& host,
                                         std::uint16_t port, std::string_view user_agent = {});

/// From the moment at which the client was told (or need not be told) that the way is open, to the end. `kept`: its
/// bytes already read. A tunnel keeps no snapshot alive.
net::awaitable<void> go_on(Connection& connection, std::shared_ptr<const Snapshot> snapshot, Opened opened,
                           std::string host, std::uint16_t port, std::string kept);

} // namespace paravent::server
