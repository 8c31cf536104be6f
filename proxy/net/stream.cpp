#include "proxy/net/stream.hpp"

#include "proxy/net/error.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace paravent::net {
namespace {

error_code last_error() noexcept
{
    return {errno, boost::system::system_category()};
}

} // namespace

bool is_would_block(const error_code& error) noexcept
{
    return error == boost::system::errc::operation_would_block ||
           error == boost::system::errc::resource_unavailable_try_again;
}

Stream::Stream(Socket socket, Deadlines& deadlines) noexcept : Wait(deadlines), socket_(std::move(socket)) {}

awaitable<error_code> Stream::wait(Socket::wait_type what, Millis limit)
{
    due_in(limit);
    ++waiting_;
    auto [error] = co_await socket_.async_wait(what, quietly);
    if (--waiting_ == 0)
        no_longer_due();
    if (error && expired_)
        co_return Error::timeout;
    co_return error;
}

awaitable<error_code> Stream::readable(Millis limit)
{
    drained_ = false;
    if (holds_bytes())
        co_return error_code{};
    co_return co_await wait(Socket::wait_read, limit);
}

awaitable<error_code> Stream::writable(Millis limit)
{
    return wait(Socket::wait_write, limit);
}

awaitable<result<std::size_t>> Stream::read_some(std::span<char> into, Millis limit)
{
    for (;;) {
        if (!drained_) {
            const auto n = try_read(into);
            if (n || !is_would_block(n.error()))
                co_return n;
        }
        if (const auto error = co_await readable(limit))
            co_return error;
    }
}

awaitable<error_code> Stream::write(std::string_view first, Millis limit, std::string_view second,
                                    std::string_view third)
{
    std::array<iovec, 3> pieces{};
    std::size_t at = pieces.size();
    for (const auto piece : {third, second, first})
        if (!piece.empty())
            pieces[--at] = {const_cast<char*>(piece.data()), piece.size()};
    while (at < pieces.size()) {
        const auto n = try_write(std::span(pieces).subspan(at));
        if (!n) {
            if (!is_would_block(n.error()))
                co_return n.error();
            if (const auto error = co_await writable(limit))
                co_return error;
            continue;
        }
        std::size_t taken = *n;
        for (; at < pieces.size() && taken >= pieces[at].iov_len; ++at)
            taken -= pieces[at].iov_len;
        if (at < pieces.size()) {
            pieces[at].iov_base = static_cast<char*>(pieces[at].iov_base) + taken;
            pieces[at].iov_len -= taken;
        }
    }
    co_return error_code{};
}

result<std::size_t> Stream::try_read(std::span<char> into) noexcept
{
    if (!layer_)
        return socket_read(into);
    const auto n = layer_->read(into);
    drained_ = !n;
    return n;
}

result<std::size_t> Stream::try_write(std::span<const iovec> pieces) noexcept
{
    return layer_ ? layer_->write(pieces) : socket_write(pieces);
}

result<std::size_t> Stream::socket_read(std::span<char> into) noexcept
{
    for (;;) {
        const auto n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
        if (n >= 0) {
            drained_ = static_cast<std::size_t>(n) < into.size() && n > 0;
            return static_cast<std::size_t>(n);
        }
        if (errno != EINTR) {
            drained_ = true;
            return last_error();
        }
    }
}

result<std::size_t> Stream::socket_write(std::span<const iovec> pieces) noexcept
{
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    for (;;) {
        const auto n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        if (n >= 0)
            return static_cast<std::size_t>(n);
        if (errno != EINTR)
            return last_error();
    }
}

bool Stream::quiet() noexcept
{
    char byte{};
    if (layer_) {
        // What lies on the socket may be a ticket or a key update, and no byte of the peer's.
        const auto n = layer_->read({&byte, 1});
        return !n && is_would_block(n.error());
    }
    return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool Stream::broken() noexcept
{
    pollfd p{socket_.native_handle(), 0, 0};
    return ::poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP));
}

bool Stream::ended() noexcept
{
    if (layer_) {
        pollfd p{socket_.native_handle(), POLLRDHUP, 0};
        return ::poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLERR | POLLHUP));
    }
    char byte{};
    return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0 || broken();
}

void Stream::shutdown_send() noexcept
{
    if (layer_)
        layer_->end();
    ::shutdown(socket_.native_handle(), SHUT_WR);
}

void Stream::cancel() noexcept
{
    error_code ignored;
    socket_.cancel(ignored);
}

void Stream::close() noexcept
{
    error_code ignored;
    socket_.close(ignored);
}

void Stream::reset() noexcept
{
    const linger hard{1, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
}

asio::ip::tcp::endpoint Stream::peer() const noexcept
{
    error_code ignored;
    return socket_.remote_endpoint(ignored);
}

asio::ip::address Stream::own_address() const noexcept
{
    error_code error;
    return socket_.local_endpoint(error).address();
}

void Stream::expire()
{
    if (waiting_ == 0)
        return;
    expired_ = true;
    cancel();
}

} // namespace paravent::net
