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
    Network(const Address& address, unsigned prefix) : address_(address), prefix_(prefix) {}
    /// Nothing where the text is neither, or has a prefix that is too long.
    static std::optional<Network> parse(std::string_view text);
    bool contains(const Address& unmapped_address) const noexcept;
    /// Whether all of the other one is in this one.
    bool contains(const Network& other) const noexcept;
    bool is_v6() const noexcept { return address_.is_v6(); }
    std::string text() const; ///< in CIDR notation
    bool operator==(const Network&) const = default;

private:
    Address address_;
    unsigned prefix_;
};

/// Networks by what they are called in the settings: "loopback", "home" (loopback and private ranges), or written out.
std::vector<Network> networks(std::span<const std::string> words);
/// Without those that are in another one.
std::vector<Network> outermost(std::vector<Network> networks);
bool contains(std::span<const Network> networks, const Address& unmapped_address) noexcept;

/// What is not the internet: loopback, unspecified, link-local, private, shared (100.64/10), multicast, reserved, and
/// translations (NAT64 well-known prefix, 6to4) of such addresses. No network is in another one.
const std::vector<Network>& not_public();
/// Whether an address is out on the internet.
bool is_public(const Address& unmapped_address) noexcept;

} // namespace paravent::net
