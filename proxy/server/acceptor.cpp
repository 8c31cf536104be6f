#include "proxy/server/acceptor.hpp"

#include "proxy/net/alive.hpp"
#include "proxy/net/original_destination.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace paravent::server {

namespace {

constexpr int in_one_turn = 64;
/// While no descriptor or place is left: long enough not to spin, short enough not to be noticed.
constexpr net::Millis pause_for{100};

/// Whether this computer asks itself, as `paravent gateway on` does: no client, and nothing to count.
bool is_asked_here(int descriptor, const net::Address& client)
{
    net::asio::ip::tcp::endpoint own;
    auto size = static_cast<socklen_t>(own.capacity());
    if (::getsockname(descriptor, own.data(), &size) != 0)
        return false;
    own.resize(size);
    return net::unmapped(own.address()) == client && !net::original_destination(descriptor);
}

} // namespace

Server::Acceptor::Acceptor(const Listening& listening, Shared& shared, std::vector<std::unique_ptr<Worker>>& workers)
    : listening_(listening), shared_(shared), workers_(workers),
      socket_(workers.front()->context.get_executor(), listening.endpoint.protocol(), listening.descriptor),
      timer_(workers.front()->context.get_executor()), home_(std::array<std::string, 1>{"home"})
{
}

void Server::Acceptor::start()
{
    net::asio::post(socket_.get_executor(), [this] { wait(); });
}

void Server::Acceptor::stop()
{
    net::asio::post(socket_.get_executor(), [this] {
        stopped_ = true;
        net::error_code ignored;
        socket_.close(ignored); // Asio takes it out of its epoll set first: another process may hold the same socket
        timer_.cancel();
    });
}

void Server::Acceptor::wait()
{
    if (stopped_)
        return;
    socket_.async_wait(net::Socket::wait_read, [this](net::error_code error) {
        if (error || stopped_)
            return;
        if (accept_some() == Turn::pause)
            pause();
        else
            wait();
    });
}

void Server::Acceptor::pause()
{
    timer_.expires_after(pause_for);
    timer_.async_wait([this](net::error_code error) {
        if (!error)
            wait();
    });
}

Server::Acceptor::Turn Server::Acceptor::accept_some()
{
    for (int i = 0; i < in_one_turn; ++i) {
        if (shared_.census.full())
            return Turn::pause; // they wait in the kernel's queue
        net::asio::ip::tcp::endpoint peer;
        socklen_t size = static_cast<socklen_t>(peer.capacity());
        const int descriptor = ::accept4(socket_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                return Turn::empty;
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                return Turn::pause;
            continue; // this one went away before we came: the next
        }
        peer.resize(size);
        const auto client = net::unmapped(peer.address());
        if (listening_.role == Role::redirected && is_asked_here(descriptor, client)) {
            (void)!::send(descriptor, net::alive.data(), net::alive.size(), MSG_NOSIGNAL);
            ::close(descriptor);
        } else {
            admit(descriptor, client);
        }
    }
    return Turn::more;
}

bool Server::Acceptor::may_come(const net::Address& client) const
{
    const bool dashboard = listening_.role == Role::dashboard;
    return dashboard ? home_.contains(client) : shared_.current.get()->clients.contains(client);
}

void Server::Acceptor::admit(int descriptor, const net::Address& client)
{
    if (!may_come(client)) { // closed without a byte: an open proxy would answer
        ++shared_.census.refused;
        ::close(descriptor);
        return;
    }
    if (shared_.census.admit(client) != Census::Admission::yes) {
        ::close(descriptor);
        return;
    }
    auto& fewest = **std::ranges::min_element(workers_, {}, [](const auto& worker) { return worker->load(); });
    fewest.take(descriptor, listening_.endpoint.protocol(), client, listening_.role);
}

} // namespace paravent::server
