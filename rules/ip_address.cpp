#include "rules/ip_address.hpp"

#include "rules/digits.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace paravent::rules {
namespace {

/// What follows the last dot.
std::string_view last_label(std::string_view host)
{
    return host.substr(host.rfind('.') + 1); // npos + 1 is 0
}

/// One part of an IPv4 address: decimal, octal (0…) or hexadecimal (0x…); an empty hexadecimal is 0.
std::optional<std::uint64_t> ipv4_number(std::string_view part)
{
    if (part.empty())
        return std::nullopt;
    unsigned base = 10;
    if (part.size() >= 2 && part[0] == '0') {
        base = part[1] == 'x' ? 16 : 8;
        part.remove_prefix(base == 16 ? 2 : 1);
    }
    std::uint64_t value = 0;
    for (const char c : part) {
        const int digit = hex_value(c);
        if (digit < 0 || static_cast<unsigned>(digit) >= base)
            return std::nullopt;
        value = value * base + static_cast<unsigned>(digit);
        if (value > 0xffffffff)
            return std::nullopt;
    }
    return value;
}

} // namespace

bool ends_in_a_number(std::string_view host) noexcept
{
    if (host.empty() || hex_value(host.back()) < 0)
        return last_label(host) == "0x";
    const std::string_view last = last_label(host);
    if (last.find_first_not_of("0123456789") == std::string_view::npos)
        return true;
    return last.size() >= 2 && last[0] == '0' && last[1] == 'x' &&
           last.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

std::optional<std::string> normal_ipv4(std::string_view host)
{
    std::array<std::uint64_t, 4> numbers{};
    std::size_t count = 0;
    while (true) {
        const std::size_t dot = host.find('.');
        const auto number = ipv4_number(host.substr(0, dot));
        if (!number || count == numbers.size())
            return std::nullopt;
        numbers[count++] = *number;
        if (dot == std::string_view::npos)
            break;
        host.remove_prefix(dot + 1);
    }
    // The last number fills all bytes that are left: 127.1 is 127.0.0.1.
    std::uint64_t address = numbers[count - 1];
    if (address >= std::uint64_t{1} << (8 * (5 - count)))
        return std::nullopt;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        if (numbers[i] > 255)
            return std::nullopt;
        address += numbers[i] << (8 * (3 - i));
    }
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += std::to_string(address >> shift & 0xff);
        if (shift > 0)
            out += '.';
    }
    return out;
}

std::optional<std::string> normal_ipv6(std::string_view host)
{
    std::array<char, INET6_ADDRSTRLEN + 1> text{};
    if (host.size() >= text.size() || host.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::memcpy(text.data(), host.data(), host.size());
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, text.data(), bytes.data()) != 1)
        return std::nullopt;

    std::array<unsigned, 8> pieces{};
    for (std::size_t i = 0; i < 8; ++i)
        pieces[i] = bytes[2 * i] * 256U + bytes[2 * i + 1];

    std::size_t longest = 8;
    std::size_t longest_length = 1; // a single zero is not shortened
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t n = 0;
        while (i + n < 8 && pieces[i + n] == 0)
            ++n;
        if (n > longest_length) {
            longest = i;
            longest_length = n;
        }
    }

    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == longest) {
            out += i == 0 ? "::" : ":";
            i += longest_length - 1;
            continue;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        bool significant = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            const unsigned digit = pieces[i] >> shift & 0xf;
            significant = significant || digit != 0 || shift == 0;
            if (significant)
                out += digits[digit];
        }
        if (i < 7)
            out += ':';
    }
    return out;
}

bool is_address(std::string_view host) noexcept
{
    return host.find(':') != std::string_view::npos || ends_in_a_number(host);
}

} // namespace paravent::rules
