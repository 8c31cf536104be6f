#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/way.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::server {

/// That a client's connection to a host is to be looked into, and by which authority.
struct Interception {
    std::shared_ptr<const tls::Authority> authority;
    std::string device; ///< id
};

/// Nothing where its bytes go through as they are: interception is off for the device (or it is left alone for a
/// while), no rule needs to see inside that host, the authority's names do not cover it, an app refused our
/// certificate, or the clock cannot be right (table I10). Of a device of which only the browsers are looked into, also
/// where `user_agent` names none: what came with a CONNECT; empty where the client had no way to say it.
std::optional<Interception> plan_interception(Connection& connection, const Snapshot& snapshot, const std::string& host,
                                              std::string_view user_agent = {});

/// Whether the host may be answered before it is dialled: it was verified a short while ago (`[tls] remember`).
bool is_remembered(Connection& connection, const Snapshot& snapshot, const std::string& host, std::uint16_t port);

/// An intercepted connection, from the moment its client was told that the way is open to its end.
/// `kept`: the client's bytes already read. `way`: to the origin; none where it is remembered.
net::awaitable<void> intercept(Connection& connection, std::shared_ptr<const Snapshot> snapshot, Interception plan,
                               std::string host, std::uint16_t port, std::string kept, std::optional<Way> way);

} // namespace paravent::server
