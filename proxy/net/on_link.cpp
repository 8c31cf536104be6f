#include "proxy/net/on_link.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <ifaddrs.h>
#include <memory>
#include <mutex>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>

namespace paravent::net {
namespace {

using Clock = std::chrono::steady_clock;
using boost::asio::ip::address_v6;

constexpr auto look_every = std::chrono::seconds{5};
/// For an address that is in none of them: it may be of a prefix that has just come. Strangers cost no more than this.
constexpr auto look_again_after = std::chrono::seconds{1};
/// A wider one is a provider's, not a home's.
constexpr unsigned widest = 48;

address_v6::bytes_type bytes_of(const sockaddr* address)
{
    address_v6::bytes_type bytes;
    std::ranges::copy(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr, bytes.begin());
    return bytes;
}

std::optional<Network> network_of(const ifaddrs& entry)
{
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr || entry.ifa_addr->sa_family != AF_INET6 ||
        (entry.ifa_flags & IFF_UP) == 0 || (entry.ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) != 0)
        return std::nullopt;
    auto address = bytes_of(entry.ifa_addr);
    const bool global_unicast = (address[0] & 0xe0) == 0x20; // 2000::/3 (RFC 4291, section 2.4)
    const auto mask = bytes_of(entry.ifa_netmask);
    unsigned prefix = 0;
    for (std::size_t i = 0; i < mask.size(); ++i) {
        prefix += static_cast<unsigned>(std::popcount(mask[i]));
        address[i] &= mask[i];
    }
    if (!global_unicast || prefix < widest)
        return std::nullopt;
    return Network(address_v6(address), prefix);
}

} // namespace

std::vector<Network> on_link()
{
    std::vector<Network> all;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return all;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> held(first, &::freeifaddrs);
    for (const auto* entry = first; entry != nullptr; entry = entry->ifa_next)
        if (const auto network = network_of(*entry))
            all.push_back(*network);
    return outermost(std::move(all));
}

bool is_on_link(const Address& address)
{
    static std::mutex mutex;
    static std::vector<Network> all;
    static std::optional<Clock::time_point> looked;
    const std::lock_guard lock(mutex);
    const auto good_for = contains(all, address) ? look_every : look_again_after;
    if (const auto now = Clock::now(); !looked || now - *looked >= good_for) {
        all = on_link();
        looked = now;
    }
    return contains(all, address);
}

} // namespace paravent::net
