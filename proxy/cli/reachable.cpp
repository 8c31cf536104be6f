#include "proxy/cli/reachable.hpp"

#include "proxy/helper/process.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
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

config::Endpoint from_here(config::Endpoint listening)
{
    if (listening.address == "0.0.0.0")
        listening.address = "127.0.0.1";
    else if (listening.address == "::")
        listening.address = "::1";
    return listening;
}

config::Endpoint nearest(const std::vector<config::Endpoint>& listening)
{
    const auto loopback = std::ranges::find_if(listening, [](const config::Endpoint& endpoint) {
        return endpoint.address == "::1" || endpoint.address.starts_with("127.");
    });
    return from_here(loopback != listening.end() ? *loopback : listening.front());
}

} // namespace paravent::cli
