#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::net {

using Address = boost::asio::ip::address;

/// ::ffff:a.b.c.d as a.b.c.d; others unchanged. Every judgement is about the unmapped address.
Address unmapped(const Address& address) noexcept;

/// An address or a network in CIDR notation.
class Network {
public:
    /// Nothing where the text is neither, or has bits beyond its prefix.
    static std::optional<Network> parse(std::string_view text);
    bool contains(const Address& unmapped_address) const noexcept;

private:
    Address address_;
    unsigned prefix_ = 0;
};

/// Networks by what they are called in the settings: "loopback", "home" (loopback and private ranges), or written out.
std::vector<Network> networks(std::span<const std::string> words);
bool contains(std::span<const Network> networks, const Address& unmapped_address) noexcept;

/// Whether an address is out on the internet: not loopback, unspecified, link-local, private, shared (100.64/10),
/// multicast, reserved, nor a translation (NAT64 well-known prefix, 6to4) of such an address.
bool is_public(const Address& unmapped_address) noexcept;

} // namespace paravent::net
