#pragma once

#include "proxy/net/buffer.hpp"
#include "proxy/net/stream.hpp"
#include "proxy/server/inside.hpp"
#include "proxy/server/role.hpp"
#include "proxy/server/worker.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::server {

/// A client's transport: socket, first bytes, who it is. `run` finds out which protocol it speaks and serves it.
class Connection {
public:
    Connection(Worker& worker, net::Socket socket, const net::Address& client, Role role);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    net::awaitable<void> run();
    /// HTTP/1 from here on, request after request, to the connection's end.
    net::awaitable<void> serve_http1();

    /// The policy for this client as it is now.
    const std::shared_ptr<const policy::Client>& client();
    const std::string& address() const noexcept { return address_; }
    bool loopback() const noexcept { return client_address_.is_loopback(); }
    /// Counts a connection of a device that nobody judges, once.
    void count_unjudged();

    /// It was intercepted, and its owner does not want that any more: it ends with the exchange that runs.
    bool no_longer_inside() { return inside && !client()->device.intercept; }

    /// It was asked for something: over TLS, the client takes our certificate.
    void note_trust();
    bool asked() const noexcept { return asked_; }

    /// Waits for a request and nothing else: a drain may end it.
    bool idle = false;
    bool fresh = true; ///< not a byte came yet
    /// Ends what it waits for.
    void end() noexcept { stream.cancel(); }

    /// What is dialled for a host: itself, or where redirected traffic was going, whatever the names in it say
    /// (CVE-2009-0801).
    std::string dialled(const std::string& host) const;

    Worker& worker;
    net::Stream stream;
    net::Buffer in;
    const Role role;
    std::optional<net::asio::ip::tcp::endpoint> original; ///< of a redirected connection: where it was going
    std::unique_ptr<Inside> inside;                       ///< of an intercepted connection; else null
    bool secure = false;                                  ///< TLS to the box itself
    std::string secured_by; ///< the id of the authority whose leaf the client took then; empty: of none

private:
    friend class Worker;
    std::size_t place_ = 0; ///< in the worker's list
    net::Address client_address_;
    std::string address_;
    std::shared_ptr<const policy::View> view_;
    std::shared_ptr<const policy::Client> client_;
    bool counted_unjudged_ = false, asked_ = false;
};

} // namespace paravent::server
