#include "config/address.hpp"
#include "config/settings.hpp"

#include <charconv>

namespace paravent::config {

std::optional<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port)
{
    std::string_view host = text;
    std::string_view port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            return std::nullopt;
        host = text.substr(1, close - 1);
        const std::string_view rest = text.substr(close + 1);
        if (host.find(':') == std::string_view::npos || (!rest.empty() && rest[0] != ':'))
            return std::nullopt;
        has_port = !rest.empty();
        port = has_port ? rest.substr(1) : rest;
    } else if (const auto colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        has_port = true;
    }

    Endpoint out;
    out.port = default_port;
    if (has_port) {
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (error != std::errc{} || end != port.data() + port.size())
            return std::nullopt;
    }
    const auto address = parse_address(host);
    if (!address || out.port == 0)
        return std::nullopt;
    out.address = *address;
    return out;
}

} // namespace paravent::config
