#include "config/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <netinet/in.h>

namespace paravent::config {

namespace {

struct Address {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t length = 0; ///< 4 or 16
};

constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Address& address)
{
    return address.length == 16 && std::equal(mapped.begin(), mapped.end(), address.bytes.begin());
}

Address unmapped(const Address& address)
{
    Address out;
    out.length = 4;
    std::copy_n(address.bytes.begin() + mapped.size(), 4, out.bytes.begin());
    return out;
}

std::optional<Address> bytes_of(std::string_view text)
{
    // inet_pton wants a terminated string; and would stop at a NUL within ours.
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    const std::string terminated(text);
    Address out;
    out.length = text.find(':') == std::string_view::npos ? 4 : 16;
    if (inet_pton(out.length == 4 ? AF_INET : AF_INET6, terminated.c_str(), out.bytes.data()) != 1)
        return std::nullopt;
    return out;
}

std::string text_of(const Address& address)
{
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(address.length == 4 ? AF_INET : AF_INET6, address.bytes.data(), out.data(), out.size());
    return out.data();
}

struct Network {
    Address address;
    unsigned prefix = 0;
};

std::optional<Network> network_of(std::string_view text)
{
    const auto slash = text.find('/');
    const auto address = bytes_of(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    Network out{*address, static_cast<unsigned>(address->length * 8)};
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        unsigned prefix = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || prefix > out.prefix)
            return std::nullopt;
        out.prefix = prefix;
    }
    if (is_mapped(out.address) && out.prefix >= 96)
        out = {unmapped(out.address), out.prefix - 96};
    return out;
}

Address cleared(const Network& network)
{
    Address out = network.address;
    for (std::size_t i = 0; i < out.length; ++i) {
        const auto from = static_cast<unsigned>(i * 8);
        const unsigned kept = network.prefix <= from ? 0 : std::min(network.prefix - from, 8U);
        out.bytes[i] = static_cast<std::uint8_t>(out.bytes[i] & (0xff00U >> kept));
    }
    return out;
}

std::string text_of(const Address& address, unsigned prefix)
{
    // A network of one address is written as that address, so that "twice" is seen in either spelling.
    return prefix == address.length * 8 ? text_of(address) : text_of(address) + '/' + std::to_string(prefix);
}

int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

std::optional<std::string> parse_address(std::string_view text)
{
    const auto address = bytes_of(text);
    if (!address)
        return std::nullopt;
    return text_of(is_mapped(*address) ? unmapped(*address) : *address);
}

std::optional<std::string> parse_network(std::string_view text)
{
    const auto network = network_of(text);
    if (!network || cleared(*network).bytes != network->address.bytes)
        return std::nullopt;
    return text_of(network->address, network->prefix);
}

std::optional<std::string> network_around(std::string_view text)
{
    const auto network = network_of(text);
    if (!network)
        return std::nullopt;
    return text_of(cleared(*network), network->prefix);
}

std::optional<std::string> parse_mac(std::string_view text)
{
    if (text.size() != 17 || (text[2] != ':' && text[2] != '-'))
        return std::nullopt;
    std::string out;
    bool zero = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 3 == 2) {
            if (text[i] != text[2])
                return std::nullopt;
            out += ':';
            continue;
        }
        const int digit = hex_of(text[i]);
        // The lowest bit of the first byte marks a group of devices (IEEE 802).
        if (digit < 0 || (i == 1 && digit % 2 != 0))
            return std::nullopt;
        zero = zero && digit == 0;
        out += "0123456789abcdef"[digit];
    }
    return zero ? std::nullopt : std::optional(out);
}

std::optional<std::string> parse_host_name(std::string_view text)
{
    if (text.ends_with('.'))
        text.remove_suffix(1);
    if (text.empty() || text.size() > 253)
        return std::nullopt;
    std::string out;
    std::size_t label = 0;
    bool only_digits = true;
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        if (lower == '.') {
            if (label == 0 || out.back() == '-')
                return std::nullopt;
            label = 0;
            only_digits = true;
        } else {
            const bool digit = lower >= '0' && lower <= '9';
            const bool letter = lower >= 'a' && lower <= 'z';
            if ((!digit && !letter && lower != '-') || (lower == '-' && label == 0) || label == 63)
                return std::nullopt;
            ++label;
            only_digits = only_digits && digit;
        }
        out += lower;
    }
    // A last label of digits alone is read as an IPv4 address everywhere (URL standard).
    if (label == 0 || out.back() == '-' || only_digits)
        return std::nullopt;
    return out;
}

} // namespace paravent::config
