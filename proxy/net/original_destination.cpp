#include "proxy/net/original_destination.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace paravent::net {
namespace {

/// linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h, which do not go together with netinet/in.h.
constexpr int so_original_dst = 80, ip6t_so_original_dst = 80;

} // namespace

std::optional<boost::asio::ip::tcp::endpoint> original_destination(int descriptor) noexcept
{
    boost::asio::ip::tcp::endpoint own, original;
    auto size = static_cast<socklen_t>(own.capacity());
    if (::getsockname(descriptor, own.data(), &size) != 0)
        return std::nullopt;
    own.resize(size);
    const bool v6 = own.data()->sa_family == AF_INET6;
    size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (::getsockopt(descriptor, v6 ? SOL_IPV6 : SOL_IP, v6 ? ip6t_so_original_dst : so_original_dst, original.data(),
                     &size) != 0)
        return std::nullopt;
    original.resize(size);
    if (original == own) // tracked, but nobody changed anything
        return std::nullopt;
    return original;
}

} // namespace paravent::net
