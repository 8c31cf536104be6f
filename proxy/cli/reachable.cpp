#include "proxy/cli/reachable.hpp"

#include "proxy/helper/process.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace paravent::cli {

bool is_reachable(const std::string& address, std::uint16_t port)
{
    boost::system::error_code error;
    const boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(address, error), port);
    if (error)
        return false;
    const helper::Descriptor socket(
        ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    pollfd wait{socket.get(), POLLOUT, 0};
    constexpr int milliseconds = 1000;
    int reason = 0;
    socklen_t size = sizeof reason;
    return ::poll(&wait, 1, milliseconds) == 1 &&
           ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &reason, &size) == 0 && reason == 0;
}

} // namespace paravent::cli
