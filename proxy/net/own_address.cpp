#include "proxy/net/own_address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cerrno>

namespace paravent::net {

bool is_own(const Address& address)
{
    namespace asio = boost::asio;
    asio::io_context context{1};
    boost::system::error_code error;
    asio::ip::udp::socket socket(context);
    const asio::ip::udp::endpoint any_port{address, 0};
    socket.open(any_port.protocol(), error);
    if (error)
        return true; // no descriptor is left, say: what cannot be found out is no reason for alarm
    socket.bind(any_port, error);
    return error.value() != EADDRNOTAVAIL;
}

} // namespace paravent::net
