#pragma once

#include "proxy/net/signal.hpp"
#include "proxy/server/exchange.hpp"
#include "proxy/server/upstream.hpp"
#include "proxy/server/worker.hpp"

namespace paravent::server {

/// The body of a request on its way to the origin, beside the wait for the reply (the origin may answer before it has
/// everything, or ask for it by 100-continue).
class Upload {
public:
    Upload(Worker& worker, Exchange& exchange, Upstream& upstream, net::Millis idle);

    void start();
    /// Ends it where it has not ended by itself, and waits until it has.
    net::awaitable<void> stop();
    bool whole() const noexcept { return whole_; }
    /// The client closed or broke its framing: there is nobody left to answer.
    bool client_failed() const noexcept { return client_failed_; }
    /// Why, then.
    const net::error_code& error() const noexcept { return error_; }

private:
    net::awaitable<void> run();
    net::awaitable<void> send();

    Worker& worker_;
    Exchange& exchange_;
    Upstream& upstream_;
    net::Millis idle_;
    net::Signal ended_;
    bool started_ = false, running_ = false, whole_ = false, client_failed_ = false, stopping_ = false;
    net::error_code error_;
};

} // namespace paravent::server
