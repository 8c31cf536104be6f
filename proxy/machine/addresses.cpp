#include "proxy/machine/addresses.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <set>
#include <sstream>

namespace paravent::machine {
namespace {

std::string text_of(int family, const void* address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, address, text.data(), text.size()) == nullptr ? std::string{} : text.data();
}

unsigned bits_of(const unsigned char* mask, std::size_t size)
{
    unsigned bits = 0;
    for (std::size_t i = 0; i < size; ++i)
        bits += static_cast<unsigned>(std::popcount(mask[i]));
    return bits;
}

std::optional<OwnAddress> read(const ifaddrs& entry)
{
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr)
        return std::nullopt;
    if (entry.ifa_addr->sa_family == AF_INET) {
        const auto& address = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr)->sin_addr;
        const auto& mask = reinterpret_cast<const sockaddr_in*>(entry.ifa_netmask)->sin_addr;
        return OwnAddress{entry.ifa_name, text_of(AF_INET, &address),
                          bits_of(reinterpret_cast<const unsigned char*>(&mask), sizeof mask)};
    }
    if (entry.ifa_addr->sa_family == AF_INET6) {
        const auto& address = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr;
        const auto& mask = reinterpret_cast<const sockaddr_in6*>(entry.ifa_netmask)->sin6_addr;
        return OwnAddress{entry.ifa_name, text_of(AF_INET6, &address), bits_of(mask.s6_addr, sizeof mask.s6_addr)};
    }
    return std::nullopt;
}

std::uint32_t number_of(const std::string& v4)
{
    in_addr address{};
    ::inet_pton(AF_INET, v4.c_str(), &address);
    return ntohl(address.s_addr);
}

std::string v4_of(std::uint32_t number)
{
    const in_addr address{htonl(number)};
    return text_of(AF_INET, &address);
}

/// The addresses of /proc/net/arp and of the IPv4 gateways.
std::set<std::string> known_here()
{
    std::set<std::string> known;
    std::string line, address;
    std::ifstream neighbours("/proc/self/net/arp");
    for (std::getline(neighbours, line); std::getline(neighbours, line);)
        if (std::istringstream(line) >> address)
            known.insert(address);
    std::ifstream routes("/proc/self/net/route");
    std::string card, destination, gateway;
    for (std::getline(routes, line); std::getline(routes, line);)
        if (std::istringstream(line) >> card >> destination >> gateway) {
            const in_addr raw{static_cast<in_addr_t>(std::stoul(gateway, nullptr, 16))};
            known.insert(text_of(AF_INET, &raw));
        }
    for (const auto& own : own_addresses())
        known.insert(own.address);
    return known;
}

bool is_one(const std::filesystem::path& setting)
{
    std::ifstream in(setting);
    int value = 0;
    return in >> value && value != 0;
}

} // namespace

std::vector<OwnAddress> own_addresses()
{
    std::vector<OwnAddress> all;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return all;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, &::freeifaddrs);
    for (const auto* entry = first; entry != nullptr; entry = entry->ifa_next)
        if (auto own = read(*entry))
            all.push_back(std::move(*own));
    return all;
}

std::optional<OwnAddress> own_address(const std::string& address)
{
    for (auto& own : own_addresses())
        if (own.address == address)
            return own;
    return std::nullopt;
}

std::optional<std::string> address_beside(const OwnAddress& own)
{
    if (own.address.find(':') != std::string::npos || own.prefix > 30 || own.prefix < 8)
        return std::nullopt;
    constexpr std::uint32_t most_looked_at = 4096;
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - own.prefix);
    const std::uint32_t self = number_of(own.address), first = (self & mask) + 1, last = (self | ~mask) - 1;
    const auto known = known_here();
    const auto count = std::min(last - first + 1, most_looked_at);
    for (std::uint32_t step = 1; step < count; ++step) {
        const auto text = v4_of(first + (self - first + step) % count);
        if (!known.contains(text))
            return text;
    }
    return std::nullopt;
}

std::string way_out(Family family)
{
    std::string line;
    if (family == Family::v4) {
        std::ifstream routes("/proc/self/net/route");
        std::string card, destination, gateway, mask;
        unsigned flags = 0, skipped = 0;
        for (std::getline(routes, line); std::getline(routes, line);) {
            std::istringstream fields(line);
            fields >> card >> destination >> gateway >> std::hex >> flags >> skipped >> skipped >> skipped >> mask;
            if (destination == "00000000" && mask == "00000000" && (flags & 1) != 0 && card != "lo")
                return card;
        }
        return {};
    }
    constexpr unsigned long up = 0x0001, reject = 0x0200; // RTF_UP, RTF_REJECT
    std::ifstream routes("/proc/self/net/ipv6_route");
    while (std::getline(routes, line)) {
        std::istringstream fields(line);
        std::string to, length, source, source_length, gateway, metric, references, uses, flags, card;
        fields >> to >> length >> source >> source_length >> gateway >> metric >> references >> uses >> flags >> card;
        if (!fields || length != "00" || to.find_first_not_of('0') != std::string::npos || card == "lo")
            continue;
        const auto bits = std::stoul(flags, nullptr, 16);
        if ((bits & up) != 0 && (bits & reject) == 0)
            return card;
    }
    return {};
}

bool forwards(Family family)
{
    return is_one(family == Family::v4 ? "/proc/sys/net/ipv4/ip_forward" : "/proc/sys/net/ipv6/conf/all/forwarding");
}

std::vector<std::string> cards_that_send_round()
{
    const std::filesystem::path all = "/proc/sys/net/ipv4/conf";
    std::vector<std::string> cards;
    for (const auto& own : own_addresses()) {
        const bool v4 = own.address.find(':') == std::string::npos;
        if (v4 && own.card != "lo" && std::ranges::find(cards, own.card) == cards.end() &&
            (is_one(all / "all/send_redirects") || is_one(all / own.card / "send_redirects")))
            cards.push_back(own.card);
    }
    return cards;
}

} // namespace paravent::machine
