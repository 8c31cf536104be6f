#include "proxy/net/own_address.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace paravent::net {

bool is_own(const Address& address)
{
    const boost::asio::ip::udp::endpoint any_port{address, 0};
    const int fd = ::socket(any_port.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return true; // no descriptor is left, say: what cannot be found out is no reason for alarm
    const bool refused = ::bind(fd, any_port.data(), static_cast<socklen_t>(any_port.size())) != 0;
    const bool foreign = refused && errno == EADDRNOTAVAIL;
    ::close(fd);
    return !foreign;
}

} // namespace paravent::net
