#pragma once

#include "proxy/server/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

namespace paravent::server {

/// Takes connections off one listening socket and hands each to the worker with the fewest. Runs on the first worker.
class Server::Acceptor {
public:
    Acceptor(const Listening& listening, Shared& shared, std::vector<std::unique_ptr<Worker>>& workers);
    void start();
    void stop(); ///< from any thread

private:
    enum class Turn : std::uint8_t { empty, more, pause };
    void wait();
    void pause();
    Turn accept_some();
    void admit(int descriptor, const net::Address& client);
    bool may_come(const net::Address& client) const;

    Listening listening_;
    Shared& shared_;
    std::vector<std::unique_ptr<Worker>>& workers_;
    net::asio::basic_socket_acceptor<net::asio::ip::tcp, net::Executor> socket_;
    net::asio::basic_waitable_timer<std::chrono::steady_clock, net::asio::wait_traits<std::chrono::steady_clock>,
                                    net::Executor>
        timer_;
    net::Clients home_;
    bool stopped_ = false;
};

} // namespace paravent::server
