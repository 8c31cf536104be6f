#include "config/upstream.hpp"

#include "config/address.hpp"

#include <charconv>

namespace paravent::config {

namespace {

using Upstream = decltype(Settings::upstream);

constexpr std::string_view shape = "write http://HOST:PORT or socks5://HOST:PORT";

std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned byte = 0;
        const char* first = text.data() + i + 1;
        if (text.size() - i < 3)
            return std::nullopt;
        const auto [end, error] = std::from_chars(first, first + 2, byte, 16);
        if (error != std::errc{} || end != first + 2 || byte == 0)
            return std::nullopt;
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

std::optional<std::string> read_user(std::string_view text, Upstream& out)
{
    const auto colon = text.find(':');
    const auto user = percent_decoded(text.substr(0, colon));
    const auto password = colon == std::string_view::npos ? std::string{} : percent_decoded(text.substr(colon + 1));
    if (!user || !password)
        return "user and password hold a % that is no two hex digits; write % itself as %25";
    // RFC 1929 has one byte for each length, RFC 7617 no colon in a user.
    if (user->empty() || user->size() > 255 || password->size() > 255)
        return "user and password have 1 to 255 bytes; leave out the @ where there are none";
    if (out.kind == Upstream::Kind::http && user->find(':') != std::string::npos)
        return "a user's name for an http proxy has no colon";
    if ((*user + *password).find_first_of("\r\n") != std::string::npos)
        return "user and password hold a line break; leave it out";
    out.user = *user;
    out.password = *password;
    return std::nullopt;
}

std::optional<std::string> read_host(std::string_view text, Upstream& out)
{
    std::string_view host = text;
    std::string_view port;
    const auto colon = text.rfind(':');
    const bool bracketed = text.starts_with('[');
    if (colon != std::string_view::npos && (!bracketed || text.find(']') < colon)) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (error != std::errc{} || end != port.data() + port.size() || out.port == 0)
            return "its port is no number from 1 to 65535";
    }
    std::optional<std::string> found;
    if (bracketed && host.ends_with(']'))
        found = parse_address(host.substr(1, host.size() - 2));
    else if (host.find(':') == std::string_view::npos)
        found = parse_address(host) ? parse_address(host) : parse_host_name(host);
    if (!found)
        return "its host is neither a name nor an address; " + std::string(shape) + " (IPv6 in brackets)";
    out.host = *found;
    return std::nullopt;
}

} // namespace

std::optional<std::string> read_upstream(std::string_view text, Upstream& out)
{
    out = {};
    if (text.empty())
        return std::nullopt;
    Upstream read;
    if (text.starts_with("http://"))
        read.kind = Upstream::Kind::http, read.port = 8080;
    else if (text.starts_with("socks5://"))
        read.kind = Upstream::Kind::socks5, read.port = 1080;
    else
        return std::string("is no proxy that Paravent speaks to; ") + std::string(shape);

    text.remove_prefix(text.find("//") + 2);
    if (text.ends_with('/'))
        text.remove_suffix(1);
    if (text.find_first_of("/?#") != std::string_view::npos)
        return "a proxy has no path; " + std::string(shape) + " (write / in a password as %2F)";
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        if (auto fault = read_user(text.substr(0, at), read))
            return fault;
        text.remove_prefix(at + 1);
    }
    if (auto fault = read_host(text, read))
        return fault;
    out = read;
    return std::nullopt;
}

} // namespace paravent::config
