#include "proxy/activity/gateways.hpp"

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_tree.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <optional>

namespace paravent::activity {
namespace {

constexpr std::size_t most_mentions = 16; ///< of the part's name in one script
constexpr JsonLimits limits{4096, 64 * 1024};
constexpr std::string_view part = "openbridge";

void skip_blanks(std::string_view& text) noexcept
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

bool skip(std::string_view& text, char expected) noexcept
{
    skip_blanks(text);
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::string> gateway_host(std::string_view url)
{
    const auto parts = parts_of(url.substr(0, 2048));
    if (parts.scheme != "https" && parts.scheme != "http")
        return std::nullopt;
    auto host = rules::normal_host(parts.host);
    return host && can_be_gateway(*host) ? host : std::nullopt;
}

} // namespace

bool can_be_gateway(std::string_view host)
{
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto plain = [&](char c) { return (c >= 'a' && c <= 'z') || digit(c) || c == '-' || c == '_' || c == '.'; };
    // Of an IPv4 address the last character is a digit, of no top-level domain.
    return host.find('.') != std::string_view::npos && std::ranges::all_of(host, plain) && !digit(host.back()) &&
           rules::normal_host(host) == std::string(host) && !is_meta(host);
}

std::vector<std::string> gateways_in(std::string_view script)
{
    std::vector<std::string> hosts;
    script = script.substr(0, max_signals_config);
    for (std::size_t mentions = 0, at = 0; mentions < most_mentions; ++mentions) {
        at = script.find(part, at);
        if (at == 0 || at == std::string_view::npos)
            break;
        const char quote = script[at - 1];
        at += part.size();
        auto rest = script.substr(at);
        if ((quote != '"' && quote != '\'') || !rest.starts_with(quote))
            continue;
        rest.remove_prefix(1);
        if (!skip(rest, ','))
            continue;
        skip_blanks(rest);
        const auto settings = read_json(rest.substr(0, limits.text), limits);
        for (const auto entry : settings.root()["endpoints"]) {
            // Where it posts to; an older form names the host only in another member.
            auto host = gateway_host(entry["endpoint"].text());
            if (!host)
                host = gateway_host(entry["targetDomain"].text());
            if (host && hosts.size() < max_gateways && std::ranges::find(hosts, *host) == hosts.end())
                hosts.push_back(std::move(*host));
        }
    }
    return hosts;
}

} // namespace paravent::activity
