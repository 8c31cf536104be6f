#include "proxy/steering/redirection.hpp"

#include "proxy/steering/meta_networks.hpp"

#include <algorithm>
#include <array>

namespace paravent::steering {

std::string_view rules_template() noexcept; // made at configuration

namespace {

constexpr std::string_view found_for = "1h";
constexpr std::uint16_t http = 80, https = 443;

template <class Texts>
std::string joined(const Texts& texts)
{
    std::string out;
    for (const auto& text : texts)
        out += (out.empty() ? "" : ", ") + std::string(text);
    return out;
}

/// A set of the table, at its indentation. `flags`: a line, or empty.
template <class Texts>
std::string set(std::string_view name, std::string_view type, std::string_view flags, const Texts& elements)
{
    std::string out = "    set " + std::string(name) + " {\n        type " + std::string(type) + "\n";
    if (!flags.empty())
        out += "        " + std::string(flags) + "\n";
    if (!elements.empty())
        out += "        elements = { " + joined(elements) + " }\n";
    return out + "    }\n";
}

struct Filled {
    std::string whom, sets;
    std::vector<std::string> which; ///< what a flow has to be, one of these
};

/// The networks of one family, as elements of a set.
std::vector<std::string> texts(std::span<const net::Network> networks, Family family)
{
    std::vector<std::string> out;
    for (const auto& network : networks)
        if (network.is_v6() == (family == Family::v6))
            out.push_back(network.text());
    return out;
}

std::string sets_of(const Redirection& redirection)
{
    constexpr std::string_view interval = "flags interval";
    return "    # What is not the internet: what goes there is none of this.\n" +
           set("home4", "ipv4_addr", interval, texts(net::not_public(), Family::v4)) +
           set("home6", "ipv6_addr", interval, texts(net::not_public(), Family::v6)) +
           "    # Whom Paravent lets in ([proxy] clients): what comes from others is none of this, either.\n" +
           set("clients4", "ipv4_addr", interval, texts(redirection.clients, Family::v4)) +
           set("clients6", "ipv6_addr", interval, texts(redirection.clients, Family::v6));
}

Filled for_meta()
{
    const std::vector<std::string_view> none;
    Filled filled;
    filled.whom = "Meta";
    filled.sets = "    # Meta's own networks (AS32934), as of " + std::string(meta_networks_date()) + ".\n" +
                  set("meta4", "ipv4_addr", "flags interval", meta_networks_v4()) +
                  set("meta6", "ipv6_addr", "flags interval", meta_networks_v6()) +
                  "    # Where else Meta's names led: `gateway on` asks for them every five minutes.\n" +
                  set("found4", "ipv4_addr", "flags timeout", none) + set("found6", "ipv6_addr", "flags timeout", none);
    filled.which = {"ip daddr @meta4", "ip daddr @found4", "ip6 daddr @meta6", "ip6 daddr @found6"};
    return filled;
}

Filled for_devices(const Redirection& redirection)
{
    Filled filled;
    filled.whom = "anywhere from the chosen devices";
    filled.sets = "    # The chosen devices.\n";
    const auto add = [&](const auto& elements, std::string_view name, std::string_view type, std::string_view flags,
                         std::string_view match) {
        if (elements.empty())
            return;
        filled.sets += set(name, type, flags, elements);
        filled.which.push_back(std::string(match) + " @" + std::string(name));
    };
    add(redirection.devices4, "chosen4", "ipv4_addr", "flags interval", "ip saddr");
    add(redirection.devices6, "chosen6", "ipv6_addr", "flags interval", "ip6 saddr");
    add(redirection.macs, "chosen_macs", "ether_addr", "", "ether saddr");
    return filled;
}

std::string lines(const std::vector<std::string>& which, std::string_view then)
{
    std::string out;
    for (const auto& match : which)
        out += (out.empty() ? "        " : "\n        ") + match + " goto " + std::string(then);
    return out;
}

std::string to_paravent(const config::Endpoint& endpoint, Family family)
{
    const bool v6 = family == Family::v6;
    const auto port = std::to_string(endpoint.port);
    std::string out = v6 ? "        meta nfproto ipv6 meta l4proto tcp counter name led6 "
                         : "        meta nfproto ipv4 meta l4proto tcp counter name led4 ";
    if (endpoint.address == "0.0.0.0" || endpoint.address == "::")
        return out + "redirect to :" + port;
    return out + (v6 ? "dnat ip6 to [" + endpoint.address + "]:" : "dnat ip to " + endpoint.address + ":") + port;
}

std::string to_paravent(const Redirection& redirection)
{
    std::string out;
    if (redirection.v4)
        out += to_paravent(*redirection.v4, Family::v4);
    if (redirection.v6)
        out += (out.empty() ? "" : "\n") + to_paravent(*redirection.v6, Family::v6);
    return out;
}

/// Behind every other table's input chain.
std::string come(const Redirection& redirection)
{
    std::string out;
    const auto add = [&](const std::optional<config::Endpoint>& endpoint, std::string_view family,
                         std::string_view counter) {
        if (endpoint)
            out += (out.empty() ? "" : "\n") + ("        meta nfproto " + std::string(family)) + " tcp dport " +
                   std::to_string(endpoint->port) + " ct status dnat ct state new counter name " + std::string(counter);
    };
    add(redirection.v4, "ipv4", "came4");
    add(redirection.v6, "ipv6", "came6");
    return out;
}

bool is_loopback(const config::Endpoint& endpoint) noexcept
{
    return endpoint.address == "::1" || endpoint.address.starts_with("127.");
}

bool is_this_computer(const net::Network& network)
{
    const std::array<std::string, 1> words{"loopback"};
    return std::ranges::any_of(net::networks(words), [&](const auto& own) { return own.contains(network); });
}

std::string_view name_of(Family family) noexcept
{
    return family == Family::v4 ? "ipv4" : "ipv6";
}

std::string seconds(std::chrono::seconds time)
{
    return std::to_string(time.count()) + "s";
}

std::string element(std::string_view command, std::string_view set, const std::string& elements)
{
    return std::string(command) + " element inet paravent " + std::string(set) + " { " + elements + " }\n";
}

/// Adding what is there does not renew it; deleting what is not there fails. In one piece, nobody sees it gone.
std::string renew(std::string_view set, const std::vector<std::string>& keys, std::string_view time)
{
    std::vector<std::string> timed;
    for (const auto& key : keys)
        timed.push_back(key + " timeout " + std::string(time));
    const auto added = element("add", set, joined(timed));
    return added + element("delete", set, joined(keys)) + added;
}

} // namespace

std::optional<Unusable> take(const config::Settings& settings, std::vector<net::Network> clients, Redirection& into)
{
    const auto& redirected = settings.proxy.redirected;
    for (const auto& endpoint : redirected) {
        auto& place = endpoint.address.find(':') == std::string::npos ? into.v4 : into.v6;
        if (!place && !is_loopback(endpoint))
            place = endpoint;
    }
    const std::string example = R"(write redirected = ["0.0.0.0:8443", "[::]:8443"] and start the service anew)";
    if (redirected.empty())
        return Unusable{"[proxy] redirected is empty, so there is nothing to lead traffic to", example};
    if (!into.v4 && !into.v6)
        return Unusable{"[proxy] redirected has loopback addresses alone, where nothing that is forwarded arrives",
                        example};
    for (const auto port : {http, https})
        if (std::ranges::find(settings.proxy.ports, port) != settings.proxy.ports.end())
            into.ports.push_back(port);
    if (into.ports.empty())
        return Unusable{"[proxy] ports has neither 80 nor 443, so all that is led to Paravent would be cut",
                        "add 443 and reload the service"};
    into.clients = std::move(clients);
    if (std::ranges::all_of(into.clients, &is_this_computer))
        return Unusable{"[proxy] clients lets in this computer alone, so all that devices send would be cut",
                        R"(write clients = ["home"] and reload the service)"};
    return std::nullopt;
}

std::string rules(const Redirection& redirection)
{
    const auto filled = redirection.is_of_chosen_devices() ? for_devices(redirection) : for_meta();
    std::vector<std::string> ports;
    for (const auto port : redirection.ports)
        ports.push_back(std::to_string(port));
    const bool quic = std::ranges::find(redirection.ports, https) != redirection.ports.end();
    const std::array<std::pair<std::string_view, std::string>, 9> fillings{
        {{"@WHOM@", filled.whom},
         {"@PORTS@", joined(ports)},
         {"@LIFETIME@", seconds(lifetime)},
         {"@SETS@\n", sets_of(redirection) + filled.sets},
         {"@QUIC@", quic ? "        udp dport 443 meta nfproto @open jump which_quic\n" : ""},
         {"@WHICH_TCP@", lines(filled.which, "to_paravent")},
         {"@TO_PARAVENT@", to_paravent(redirection)},
         {"@COME@", come(redirection)},
         {"@WHICH_QUIC@", lines(filled.which, "refused")}}};
    std::string out(rules_template());
    for (const auto& [place, text] : fillings)
        for (auto at = out.find(place); at != std::string::npos; at = out.find(place, at + text.size()))
            out.replace(at, place.size(), text);
    return out;
}

std::string keep_open(std::span<const Family> families)
{
    std::vector<std::string> keys;
    for (const auto family : families)
        keys.emplace_back(name_of(family));
    return keys.empty() ? std::string{} : renew("open", keys, seconds(lifetime));
}

std::string close(Family family)
{
    const std::string key(name_of(family));
    return element("add", "open", key) + element("delete", "open", key);
}

std::string let_in(std::span<const net::Network> clients)
{
    std::string out;
    for (const auto& [set, family] : {std::pair{"clients4", Family::v4}, {"clients6", Family::v6}}) {
        out += "flush set inet paravent " + std::string(set) + "\n";
        if (const auto elements = texts(clients, family); !elements.empty())
            out += element("add", set, joined(elements));
    }
    return out;
}

std::string add_found(std::span<const std::string> v4, std::span<const std::string> v6)
{
    std::string out;
    if (!v4.empty())
        out += renew("found4", {v4.begin(), v4.end()}, found_for);
    if (!v6.empty())
        out += renew("found6", {v6.begin(), v6.end()}, found_for);
    return out;
}

std::string_view remove_all() noexcept
{
    return "table inet paravent\ndelete table inet paravent\n";
}

} // namespace paravent::steering
