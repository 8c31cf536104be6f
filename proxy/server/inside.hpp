#pragma once

#include "proxy/server/origin_pool.hpp"
#include "proxy/server/snapshot.hpp"
#include "proxy/server/upstream.hpp"
#include "proxy/server/way.hpp"
#include "proxy/server/worker.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::server {

class Http2Origin;

/// What an intercepted connection knows beside its transport: the one origin that it stands for, and its own
/// connections to it, which no other device ever uses.
struct Inside {
    Inside();
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    std::string host;    ///< whose leaf the client was shown; the only one that is ever asked
    std::string dialled; ///< for it: itself, or an address (Connection::dialled)
    std::uint16_t port = 443;
    std::string device;                               ///< id: TLS sessions are resumed for it alone
    std::string alpn;                                 ///< what origins are offered, as on the wire
    std::string protocol;                             ///< what the client was given by ALPN; empty: none
    std::shared_ptr<tls::OriginSide> side;            ///< of the settings in force when it began
    std::vector<Origin> idle;                         ///< those that speak HTTP/1 and wait
    std::vector<std::shared_ptr<Http2Origin>> shared; ///< those that speak HTTP/2

    std::string origin() const { return host + ':' + std::to_string(port); } ///< as VerifiedMemory knows it
};

/// TLS with the origin on a way that was just opened, its certificate verified; what it chose by ALPN stands in
/// `protocol`. Error::tls where its certificate or its TLS is not in order, or it wants the client's.
net::awaitable<net::error_code> secure(Way& way, const Inside& inside, net::Millis limit, std::string& protocol);

/// Both: dialled, and TLS. It ends when `waiter` goes.
net::awaitable<net::result<Way>> open_inside(Worker& worker, const Snapshot& snapshot, const Inside& inside,
                                             net::Stream* waiter, std::string& protocol);

/// A way for a request on one of its connections that can be used now; null where there is none.
std::unique_ptr<Upstream> reuse(Inside& inside, net::Millis idle);
/// The same on the one that `add` has just taken, and on no other.
std::unique_ptr<Upstream> newest(Inside& inside, const std::string& protocol, net::Millis idle);
/// Takes a connection that was just opened; requests go by it as long as it lasts.
void add(Worker& worker, Inside& inside, Way way, const std::string& protocol, net::Millis idle);

} // namespace paravent::server
