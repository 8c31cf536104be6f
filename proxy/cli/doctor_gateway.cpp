#include "proxy/cli/diagnosis.hpp"
#include "proxy/cli/gateway_keeper.hpp"
#include "proxy/cli/gateway_standing.hpp"
#include "proxy/machine/addresses.hpp"
#include "proxy/machine/nft.hpp"
#include "proxy/net/clients.hpp"
#include "proxy/steering/redirection.hpp"

#include <algorithm>

// The kernel's rules for a computer that is the home's gateway: whether they are there, and whether they do what they
// are for.
namespace paravent::cli {
namespace {

bool leads_to(const std::string& rules, const steering::Redirection& redirection)
{
    const auto port = [&](const std::optional<config::Endpoint>& endpoint) {
        if (!endpoint)
            return false;
        const auto end = ":" + std::to_string(endpoint->port);
        return rules.find("redirect to " + end) != std::string::npos ||
               rules.find(endpoint->address + end) != std::string::npos;
    };
    return port(redirection.v4) || port(redirection.v6);
}

Finding when_kept(const steering::Redirection& redirection)
{
    using machine::Family;
    if (redirection.v4 && !machine::forwards(Family::v4))
        return bad("gateway", "the rules are in force, but this computer forwards no IPv4, so nothing comes by",
                   "sysctl -w net.ipv4.ip_forward=1, and a file in /etc/sysctl.d for the next start");
    const auto standing = standing_of(redirection);
    if (!standing.silent.empty())
        return bad("gateway", sentence_of_silent(standing.silent) + ", so traffic goes its own way",
                   "systemctl restart paravent, and journalctl -u paravent");
    if (!standing.lost.empty())
        return bad("gateway", sentence_of_lost(standing.lost),
                   "let that port in from the home: " + let_in(standing.lost));
    if (redirection.v6 && !machine::way_out(Family::v6).empty() && !machine::forwards(Family::v6))
        return note("gateway", "the rules are in force; this computer forwards no IPv6, so that goes round it",
                    "sysctl -w net.ipv6.conf.all.forwarding=1, and a file in /etc/sysctl.d for the next start");
    if (const auto cards = machine::cards_that_send_round(); !cards.empty())
        return note("gateway",
                    "the rules are in force; devices in the router's own network may be told to go round this "
                    "computer",
                    "sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf." + cards.front() +
                        ".send_redirects=0");
    return good("gateway", "the rules are in force");
}

Finding when_not_kept(const steering::Redirection& redirection)
{
    if (!machine::may_change_rules())
        return note("gateway", "no `paravent gateway on` runs; other rules only root can see",
                    "give the command as root");
    const auto all = machine::nft("list ruleset\n");
    if (all.state == machine::NftResult::State::missing)
        return bad("gateway", "[proxy] redirected is set, but nft is not installed", "apt-get install nftables");
    if (all.text.find("table inet paravent {") != std::string::npos)
        return bad("gateway", "the rules are loaded, but nobody keeps them alive, so they are " + without_effect(),
                   "systemctl enable --now paravent-gateway (paravent gateway on)");
    if (leads_to(all.text, redirection))
        return good("gateway", "rules of your own lead traffic to [proxy] redirected");
    return bad("gateway", "[proxy] redirected is set, but nothing leads traffic there",
               "systemctl enable --now paravent-gateway (paravent gateway on)");
}

Finding when_not_wanted()
{
    if (gateway_keeper())
        return bad("gateway", "the rules are in force, but [proxy] redirected has no address for them",
                   "paravent gateway off");
    if (machine::may_change_rules() &&
        machine::nft("list table inet paravent\n").state == machine::NftResult::State::done)
        return bad("gateway", "rules of an earlier `paravent gateway on` are still there, " + without_effect(),
                   "paravent gateway off");
    return good("gateway", "off, as the settings say");
}

} // namespace

Findings examine_gateway(const Patient& patient)
{
    steering::Redirection redirection;
    if (patient.settings.proxy.redirected.empty())
        return {when_not_wanted()};
    const net::Clients clients(patient.settings.proxy.clients);
    if (const auto unusable = steering::take(patient.settings, clients.now(), redirection))
        return {bad("gateway", unusable->sentence, unusable->way_out)};
    return {gateway_keeper() ? when_kept(redirection) : when_not_kept(redirection)};
}

} // namespace paravent::cli
