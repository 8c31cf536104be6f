#include "proxy/net/destinations.hpp"

#include <algorithm>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>

namespace paravent::net {
namespace {

std::vector<Address> interface_addresses()
{
    std::vector<Address> all;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return all;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> held(first, &::freeifaddrs);
    for (auto* i = first; i; i = i->ifa_next) {
        if (!i->ifa_addr)
            continue;
        const auto family = i->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6)
            continue;
        boost::asio::ip::tcp::endpoint endpoint;
        std::memcpy(endpoint.data(), i->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        Address address = endpoint.address();
        if (address.is_v6()) {
            auto v6 = address.to_v6();
            v6.scope_id(0);
            address = v6;
        }
        all.push_back(address);
    }
    return all;
}

} // namespace

Destinations::Destinations(const config::Settings& settings, std::vector<boost::asio::ip::tcp::endpoint> own)
    : ports_(settings.proxy.ports), allowed_(networks(settings.proxy.private_destinations)), own_(std::move(own)),
      own_addresses_(interface_addresses())
{
}

boost::system::error_code Destinations::judge_port(std::uint16_t port) const noexcept
{
    if (std::ranges::find(ports_, port) == ports_.end())
        return Error::refused_port;
    return {};
}

boost::system::error_code Destinations::judge(const Address& given, std::uint16_t port) const noexcept
{
    const Address address = unmapped(given);
    if (is_own(address, port))
        return Error::loop;
    if (!is_public(address) && !contains(allowed_, address))
        return Error::refused_destination;
    return {};
}

bool Destinations::is_own(const Address& address, std::uint16_t port) const noexcept
{
    // 0.0.0.0 and :: lead to this computer as well.
    const bool here = address.is_loopback() || address.is_unspecified() ||
                      std::ranges::find(own_addresses_, address) != own_addresses_.end();
    return std::ranges::any_of(own_, [&](const auto& endpoint) {
        return endpoint.port() == port && (unmapped(endpoint.address()) == address ||
                                           (endpoint.address().is_unspecified() && here) || address.is_unspecified());
    });
}

} // namespace paravent::net
