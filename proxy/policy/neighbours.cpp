#include "proxy/policy/neighbours.hpp"

#include "proxy/policy/address.hpp"

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <vector>

namespace paravent::policy {
namespace {

constexpr std::size_t most_neighbours = 16'384; // the kernel's own gc_thresh3 is 1,024 a family unless raised

/// A descriptor that closes itself.
struct Socket {
    int fd = -1;
    ~Socket()
    {
        if (fd >= 0)
            close(fd);
    }
};

std::string text_of_mac(const unsigned char* bytes)
{
    char text[18];
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                  bytes[5]);
    return text;
}

std::string text_of_address(int family, const void* bytes, int interface)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(family, bytes, text.data(), text.size()) == nullptr)
        return {};
    std::string address = text.data();
    if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(static_cast<const in6_addr*>(bytes))) {
        std::array<char, IF_NAMESIZE> name{};
        if (if_indextoname(static_cast<unsigned>(interface), name.data()) != nullptr)
            address.append("%").append(name.data());
    }
    return address;
}

/// One RTM_NEWNEIGH message into the table.
void take(const nlmsghdr& header, NeighbourTable& table)
{
    if (header.nlmsg_type != RTM_NEWNEIGH || header.nlmsg_len < NLMSG_LENGTH(sizeof(ndmsg)))
        return;
    ndmsg neighbour{};
    std::memcpy(&neighbour, NLMSG_DATA(&header), sizeof neighbour);
    const std::size_t address_size = neighbour.ndm_family == AF_INET    ? sizeof(in_addr)
                                     : neighbour.ndm_family == AF_INET6 ? sizeof(in6_addr)
                                                                        : 0;
    // NOARP holds multicast and loopback, the other two say that nobody answers.
    if (address_size == 0 || (neighbour.ndm_state & (NUD_FAILED | NUD_INCOMPLETE | NUD_NOARP)) != 0)
        return;

    in6_addr address{};
    std::array<unsigned char, 6> mac{};
    bool has_address = false, has_mac = false;
    const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
    std::size_t at = NLMSG_LENGTH(sizeof(ndmsg));
    while (at + sizeof(rtattr) <= header.nlmsg_len) {
        rtattr attribute{};
        std::memcpy(&attribute, bytes + at, sizeof attribute);
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > header.nlmsg_len - at)
            return;
        const std::size_t size = attribute.rta_len - sizeof attribute;
        const unsigned char* value = bytes + at + sizeof attribute;
        if (attribute.rta_type == NDA_DST && size == address_size) {
            std::memcpy(&address, value, size);
            has_address = true;
        } else if (attribute.rta_type == NDA_LLADDR && size == mac.size()) {
            std::memcpy(mac.data(), value, size);
            has_mac = mac != std::array<unsigned char, 6>{};
        }
        at += RTA_ALIGN(attribute.rta_len);
    }
    if (!has_address || !has_mac || table.size() >= most_neighbours)
        return;
    const std::string text = text_of_address(neighbour.ndm_family, &address, neighbour.ndm_ifindex);
    if (!text.empty())
        table.insert_or_assign(text, text_of_mac(mac.data()));
}

/// Asks for the whole table of a family and reads until the kernel says that it was all.
void dump(int socket, unsigned char family, std::uint32_t sequence, NeighbourTable& table)
{
    struct {
        nlmsghdr header{};
        ndmsg body{};
    } ask;
    ask.header.nlmsg_len = NLMSG_LENGTH(sizeof ask.body);
    ask.header.nlmsg_type = RTM_GETNEIGH;
    ask.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    ask.header.nlmsg_seq = sequence;
    ask.body.ndm_family = family;
    if (send(socket, &ask, ask.header.nlmsg_len, 0) < 0)
        return;

    alignas(nlmsghdr) std::array<char, 32 * 1024> buffer; // the kernel fills at most 32 KiB at once
    for (;;) {
        // A dump is made in the reading call itself, so there is nothing to wait for.
        const ssize_t got = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got <= 0)
            return;
        std::size_t at = 0;
        const auto size = static_cast<std::size_t>(got);
        while (at + sizeof(nlmsghdr) <= size) {
            const auto& header = *reinterpret_cast<const nlmsghdr*>(buffer.data() + at);
            if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > size - at)
                return;
            if (header.nlmsg_seq == sequence) {
                if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR)
                    return;
                take(header, table);
            }
            at += NLMSG_ALIGN(header.nlmsg_len);
        }
    }
}

} // namespace

NeighbourTable read_neighbours()
{
    NeighbourTable table;
    const Socket socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (socket.fd < 0 || connect(socket.fd, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) != 0)
        return table;
    dump(socket.fd, AF_INET, 1, table);
    dump(socket.fd, AF_INET6, 2, table);
    return table;
}

std::string Neighbours::mac_of(std::string_view address)
{
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    auto found = table_.find(address);
    const auto age = now - read_at_;
    if (!read_once_ || age > keep || (found == table_.end() && age > retry)) {
        table_ = read_();
        read_at_ = now;
        read_once_ = true;
        found = table_.find(address);
    }
    return found == table_.end() ? std::string{} : found->second;
}

} // namespace paravent::policy
