#include "proxy/net/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace paravent::net {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

Address unmapped(const Address& address) noexcept
{
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        const auto bytes = address.to_v6().to_bytes();
        return address_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
    }
    return address;
}

namespace {

template <class Bytes>
bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) noexcept
{
    const std::size_t whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
        return false;
    if (bits % 8 == 0)
        return true;
    const auto mask = static_cast<unsigned char>(0xff00u >> (bits % 8));
    return ((a[whole] ^ b[whole]) & mask) == 0;
}

std::vector<Network> parse_all(std::initializer_list<std::string_view> texts)
{
    std::vector<Network> all;
    for (const auto text : texts)
        all.push_back(*Network::parse(text));
    return all;
}

const std::vector<Network>& loopback()
{
    static const auto all = parse_all({"127.0.0.0/8", "::1"});
    return all;
}

const std::vector<Network>& home()
{
    static const auto all = parse_all({"127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                       "169.254.0.0/16", "fc00::/7", "fe80::/10"});
    return all;
}

/// By the special-purpose address registries (RFC 6890). An IPv4 address in IPv6 clothes leads to the same machine.
std::vector<Network> all_not_public()
{
    struct V4 {
        std::array<unsigned char, 4> bytes;
        unsigned prefix;
    };
    constexpr std::array<V4, 11> v4{{{{0, 0, 0, 0}, 8},
                                     {{10, 0, 0, 0}, 8},
                                     {{100, 64, 0, 0}, 10},
                                     {{127, 0, 0, 0}, 8},
                                     {{169, 254, 0, 0}, 16},
                                     {{172, 16, 0, 0}, 12},
                                     {{192, 168, 0, 0}, 16},
                                     {{192, 0, 0, 0}, 24},
                                     {{198, 18, 0, 0}, 15},
                                     {{224, 0, 0, 0}, 4},
                                     {{240, 0, 0, 0}, 4}}};
    auto all = parse_all({"::/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"});
    for (const auto& [b, prefix] : v4) {
        const address_v6::bytes_type nat64{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, b[0], b[1], b[2], b[3]};
        const address_v6::bytes_type six_to_four{0x20, 0x02, b[0], b[1], b[2], b[3]};
        all.emplace_back(address_v4(b), prefix);
        all.emplace_back(address_v6(nat64), 96 + prefix);
        all.emplace_back(address_v6(six_to_four), 16 + prefix);
    }
    return all;
}

} // namespace

std::optional<Network> Network::parse(std::string_view text)
{
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(text.substr(0, slash)), error);
    if (error)
        return std::nullopt;
    const unsigned most = address.is_v4() ? 32 : 128;
    Network network(address, most);
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix_);
        if (bad != std::errc{} || end != digits.data() + digits.size() || network.prefix_ > most)
            return std::nullopt;
    }
    return network;
}

bool Network::contains(const Address& other) const noexcept
{
    if (other.is_v4() != address_.is_v4())
        return false;
    return other.is_v4() ? same_prefix(address_.to_v4().to_bytes(), other.to_v4().to_bytes(), prefix_)
                         : same_prefix(address_.to_v6().to_bytes(), other.to_v6().to_bytes(), prefix_);
}

bool Network::contains(const Network& other) const noexcept
{
    return other.prefix_ >= prefix_ && contains(other.address_);
}

std::string Network::text() const
{
    return address_.to_string() + "/" + std::to_string(prefix_);
}

std::vector<Network> networks(std::span<const std::string> words)
{
    std::vector<Network> all;
    for (const auto& word : words) {
        if (word == "loopback")
            all.insert(all.end(), loopback().begin(), loopback().end());
        else if (word == "home")
            all.insert(all.end(), home().begin(), home().end());
        else if (const auto network = Network::parse(word))
            all.push_back(*network);
    }
    return all;
}

std::vector<Network> outermost(std::vector<Network> networks)
{
    std::vector<Network> kept;
    for (const auto& one : networks) {
        if (std::ranges::any_of(kept, [&](const Network& other) { return other.contains(one); }))
            continue;
        std::erase_if(kept, [&](const Network& other) { return one.contains(other); });
        kept.push_back(one);
    }
    return kept;
}

bool contains(std::span<const Network> networks, const Address& address) noexcept
{
    return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

const std::vector<Network>& not_public()
{
    static const auto all = all_not_public();
    return all;
}

bool is_public(const Address& address) noexcept
{
    return !contains(not_public(), address);
}

} // namespace paravent::net
