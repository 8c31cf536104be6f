#include "proxy/wire/socks5.hpp"

#include "rules/domains.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

namespace paravent::wire::socks5 {
namespace {

constexpr std::uint8_t version = 5;
constexpr std::uint8_t password_version = 1; // RFC 1929
constexpr std::uint8_t connect = 1;
constexpr std::size_t fixed = 4; // VER CMD RSV ATYP, VER REP RSV ATYP

enum Address : std::uint8_t { ipv4 = 1, name = 3, ipv6 = 4 };

std::uint8_t byte(std::string_view in, std::size_t at) noexcept
{
    return static_cast<std::uint8_t>(in[at]);
}

bool is_known(std::uint8_t type) noexcept
{
    return type == ipv4 || type == name || type == ipv6;
}

/// Bytes of a whole request or reply whose four first bytes are there; 0 while a name's length is not.
std::size_t whole_size(std::string_view in) noexcept
{
    constexpr std::size_t port = 2;
    switch (byte(in, 3)) {
    case ipv4:
        return fixed + 4 + port;
    case ipv6:
        return fixed + 16 + port;
    default:
        return in.size() > fixed ? fixed + 1 + byte(in, fixed) + port : 0;
    }
}

std::string dotted(std::string_view bytes)
{
    std::string out;
    for (std::size_t i = 0; i < 4; ++i)
        out.append(i == 0 ? "" : ".").append(std::to_string(byte(bytes, i)));
    return out;
}

/// All eight pieces in hexadecimal; rules::normal_host shortens them.
std::string colon_separated(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i != 0 && i % 2 == 0)
            out += ':';
        out += digits[byte(bytes, i) >> 4];
        out += digits[byte(bytes, i) & 0xf];
    }
    return out;
}

std::string address_text(std::uint8_t type, std::string_view address)
{
    switch (type) {
    case ipv4:
        return dotted(address);
    case ipv6:
        return colon_separated(address);
    default:
        // A name here is no part of a URL: nothing is percent-encoded in it, and brackets mean nothing.
        return address.find_first_of("%[]") == std::string_view::npos ? std::string{address} : std::string{};
    }
}

bool is_ip_literal(std::string_view host)
{
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return host.find(':') != std::string_view::npos || last.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

result<std::size_t> parse_greeting(std::string_view in, Greeting& out) noexcept
{
    out = {};
    if (!in.empty() && byte(in, 0) != version)
        return Error::bad_socks;
    if (in.size() < 2)
        return std::size_t{0};
    const std::size_t size = std::size_t{2} + byte(in, 1);
    if (in.size() < size)
        return std::size_t{0};
    out.no_authentication = in.substr(2, size - 2).find('\0') != std::string_view::npos;
    return size;
}

result<std::size_t> parse_request(std::string_view in, Request& out)
{
    out = {};
    if ((!in.empty() && byte(in, 0) != version) || (in.size() >= 3 && byte(in, 2) != 0))
        return Error::bad_socks;
    if (in.size() < fixed)
        return std::size_t{0};
    const std::uint8_t type = byte(in, 3);
    if (!is_known(type)) {
        out.refusal = byte(in, 1) == connect ? Reply::address_type_not_supported : Reply::command_not_supported;
        return fixed;
    }
    const std::size_t size = whole_size(in);
    if (size == 0 || in.size() < size)
        return std::size_t{0};
    if (byte(in, 1) != connect) {
        out.refusal = Reply::command_not_supported;
        return size;
    }
    const std::size_t start = type == name ? fixed + 1 : fixed;
    auto host = rules::normal_host(address_text(type, in.substr(start, size - 2 - start)));
    out.port = static_cast<std::uint16_t>(byte(in, size - 2) << 8 | byte(in, size - 1));
    if (!host) {
        out.refusal = Reply::host_unreachable;
    } else if (out.port == 0) {
        out.refusal = Reply::general_failure;
    } else {
        out.host = std::move(*host);
        out.ip_literal = is_ip_literal(out.host);
    }
    return size;
}

std::array<char, 10> reply(Reply code) noexcept
{
    return {static_cast<char>(version), static_cast<char>(code), 0, static_cast<char>(ipv4), 0, 0, 0, 0, 0, 0};
}

std::string client_greeting(bool with_password)
{
    return with_password ? std::string{"\x05\x02\x00\x02", 4} : std::string{"\x05\x01\x00", 3};
}

std::string client_password(std::string_view user, std::string_view password)
{
    if (user.empty() || user.size() > 255 || password.empty() || password.size() > 255)
        throw std::length_error("a SOCKS5 proxy's user and password have 1 to 255 bytes each");
    std::string out{static_cast<char>(password_version)};
    for (const std::string_view part : {user, password})
        out.append(1, static_cast<char>(part.size())).append(part);
    return out;
}

std::string client_request(std::string_view host, std::uint16_t port)
{
    std::string out{static_cast<char>(version), static_cast<char>(connect), 0};
    const std::string text{host};
    std::array<char, 16> address{};
    if (inet_pton(AF_INET, text.c_str(), address.data()) == 1)
        out.append(1, static_cast<char>(ipv4)).append(address.data(), 4);
    else if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1)
        out.append(1, static_cast<char>(ipv6)).append(address.data(), 16);
    else // in normal form a name has at most 253 bytes
        out.append(1, static_cast<char>(name)).append(1, static_cast<char>(host.size())).append(host);
    out += static_cast<char>(port >> 8);
    out += static_cast<char>(port & 0xff);
    return out;
}

result<std::size_t> parse_method(std::string_view in, Method& out) noexcept
{
    if (!in.empty() && byte(in, 0) != version)
        return Error::bad_socks;
    if (in.size() < 2)
        return std::size_t{0};
    out = static_cast<Method>(byte(in, 1));
    if (out != Method::none && out != Method::password && out != Method::unacceptable)
        return Error::bad_socks;
    return std::size_t{2};
}

result<std::size_t> parse_password_reply(std::string_view in, bool& accepted) noexcept
{
    if (!in.empty() && byte(in, 0) != password_version)
        return Error::bad_socks;
    if (in.size() < 2)
        return std::size_t{0};
    accepted = byte(in, 1) == 0;
    return std::size_t{2};
}

result<std::size_t> parse_reply(std::string_view in, Reply& code) noexcept
{
    if ((!in.empty() && byte(in, 0) != version) || (in.size() >= 3 && byte(in, 2) != 0))
        return Error::bad_socks;
    if (in.size() < fixed)
        return std::size_t{0};
    const std::uint8_t said = byte(in, 1);
    constexpr auto last = static_cast<std::uint8_t>(Reply::address_type_not_supported);
    code = said <= last ? static_cast<Reply>(said) : Reply::general_failure;
    if (!is_known(byte(in, 3))) {
        if (code == Reply::succeeded)
            return Error::bad_socks;
        return fixed; // the connection is over, whatever follows
    }
    const std::size_t size = whole_size(in);
    return in.size() < size ? std::size_t{0} : size;
}

} // namespace paravent::wire::socks5
