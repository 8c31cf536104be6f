#include "proxy/activity/steerable.hpp"
#include "proxy/cli/client.hpp"
#include "proxy/cli/gateway_keeper.hpp"
#include "proxy/cli/gateway_standing.hpp"
#include "proxy/cli/network.hpp"
#include "proxy/cli/own_rules.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/machine/addresses.hpp"
#include "proxy/machine/nft.hpp"
#include "proxy/net/clients.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iostream>
#include <regex>

namespace paravent::cli {
namespace {

void note(const std::string& text)
{
    std::cerr << "note: " << text << '\n';
}

void add_network(const std::string& text, steering::Redirection& into)
{
    (text.find(':') == std::string::npos ? into.devices4 : into.devices6).push_back(text);
}

bool add_described(const std::string& name, const config::Settings& settings, steering::Redirection& into)
{
    for (const auto& device : settings.devices)
        if (device.name == name) {
            if (!device.mac.empty())
                into.macs.push_back(device.mac);
            else
                add_network(device.address, into);
            return true;
        }
    return false;
}

/// One that the running service knows by id or name: by its MAC address where that is known, for addresses change.
bool add_known(const std::string& name, const Place& place, steering::Redirection& into)
{
    const auto all = Client(place).get("/devices");
    for (const auto& item : all.at("items").as_array()) {
        const auto& device = item.as_object();
        if (text_at(device, "id") != name && text_at(device, "name") != name)
            continue;
        if (const auto mac = text_at(device, "mac"); !mac.empty())
            into.macs.push_back(mac);
        else
            for (const auto& address : device.at("addresses").as_array())
                add_network(std::string(address.as_string()), into);
        return true;
    }
    return false;
}

/// What is known by one family's address alone is led in that family alone.
void note_one_family(const std::string& name, const steering::Redirection& redirection, bool v4, bool v6)
{
    if (v4 && !v6 && redirection.v6)
        note(dashboard::inert(name) +
             " is known by IPv4 alone, so its IPv6 goes its own way: name it by its MAC address");
    if (v6 && !v4 && redirection.v4)
        note(dashboard::inert(name) +
             " is known by IPv6 alone, so its IPv4 goes its own way: name it by its MAC address");
}

void add_device(std::string name, const config::Settings& settings, const Place& place, steering::Redirection& into)
{
    static const std::regex mac("([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}");
    if (std::regex_match(name, mac)) {
        std::ranges::transform(name, name.begin(), [](char c) {
            return c == '-' ? ':' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        });
        into.macs.push_back(std::move(name));
    } else if (net::Network::parse(name)) {
        add_network(name, into);
    } else if (!add_described(name, settings, into) && !add_known(name, place, into)) {
        throw Failure(wrong_usage, "there is no device " + dashboard::inert(name) +
                                       ": `paravent devices` shows those that the service has seen");
    }
}

steering::Redirection redirection_of(const Place& place, const config::Settings& settings, const Gateway& wish)
{
    steering::Redirection redirection;
    if (const auto unusable = steering::take(settings, net::Clients(settings.proxy.clients).now(), redirection))
        throw Failure(failed, unusable->sentence + ": " + unusable->way_out);
    for (const auto& device : wish.devices) {
        const auto v4 = redirection.devices4.size(), v6 = redirection.devices6.size();
        add_device(device, settings, place, redirection);
        note_one_family(device, redirection, redirection.devices4.size() > v4, redirection.devices6.size() > v6);
    }
    for (auto* list : {&redirection.devices4, &redirection.devices6, &redirection.macs}) {
        std::ranges::sort(*list); // the same one twice is refused in a set
        list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    return redirection;
}

/// What is right with the rules, and still keeps traffic from coming by here.
void note_surroundings(const steering::Redirection& redirection)
{
    using machine::Family;
    if (!redirection.v4)
        note("[proxy] redirected has no IPv4 address, so IPv4 goes its own way: add \"0.0.0.0:8443\"");
    else if (!machine::forwards(Family::v4))
        note("this computer forwards no IPv4, so no device's traffic comes by: sysctl -w net.ipv4.ip_forward=1");
    if (!redirection.v6)
        note("[proxy] redirected has no IPv6 address, so IPv6 goes its own way: add \"[::]:8443\"");
    else if (!machine::way_out(Family::v6).empty() && !machine::forwards(Family::v6))
        note("this computer forwards no IPv6; a router that does is a way round it: sysctl -w "
             "net.ipv6.conf.all.forwarding=1");
    for (const auto* family : {&redirection.devices4, &redirection.devices6})
        for (const auto& device : *family)
            if (const auto network = net::Network::parse(device);
                network &&
                std::ranges::none_of(redirection.clients, [&](const auto& c) { return c.contains(*network); }))
                note(device + " is none of [proxy] clients, so its traffic goes its own way");
    if (const auto cards = machine::cards_that_send_round(); redirection.v4 && !cards.empty())
        note("where the router is in the same network as the devices, this computer tells them to use it directly: "
             "sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf." +
             cards.front() + ".send_redirects=0");
}

void need_rights(const char* what)
{
    if (!machine::may_change_rules())
        throw Failure(failed,
                      std::string("only root may change what the kernel does with traffic: sudo paravent gateway ") +
                          what + " (a program needs CAP_NET_ADMIN for it)");
}

machine::NftResult loaded_table()
{
    return machine::nft("list table inet paravent\n");
}

/// An nft that said something else does not know.
bool is_none(const machine::NftResult& table)
{
    return table.state == machine::NftResult::State::refused &&
           table.text.find("No such file or directory") != std::string::npos;
}

/// Of rules that somebody keeps alive: whether they lead anything, and what keeps them from it.
std::string standing_text(const steering::Redirection& redirection)
{
    const auto standing = standing_of(redirection);
    std::string causes;
    if (!standing.silent.empty())
        causes = sentence_of_silent(standing.silent);
    if (!standing.lost.empty())
        causes += (causes.empty() ? "" : ", and ") + sentence_of_lost(standing.lost);
    std::string text = !standing.open.empty() ? "in force" : causes.empty() ? "not in force yet" : "without effect";
    if (!causes.empty())
        text += (standing.open.empty() ? ", as " : ", but ") + causes;
    if (!standing.lost.empty())
        text += "; let that port in from the home (" + let_in(standing.lost) + ")";
    return text;
}

int show(const steering::Redirection& redirection)
{
    const auto keeper = gateway_keeper();
    if (const auto loaded = loaded_table(); keeper && loaded.state == machine::NftResult::State::done) {
        std::cout << "# Kept alive by process " << *keeper << ", and " << standing_text(redirection) << ":\n"
                  << loaded.text;
        return 0;
    }
    if (keeper)
        std::cout << "# Process " << *keeper << " keeps rules alive"
                  << (machine::may_change_rules() ? ", which could not be read" : ", which only root can see")
                  << ". By the settings they are:\n";
    else if (!machine::may_change_rules())
        std::cout << "# Not kept alive by any process; whether they are loaded, only root can see.\n";
    else if (const auto loaded = loaded_table(); loaded.state == machine::NftResult::State::missing)
        std::cout
            << "# nft is not installed, so whether they are loaded cannot be seen. `paravent gateway on` would load:\n";
    else if (loaded.state == machine::NftResult::State::done)
        std::cout << "# Loaded, but no process keeps them alive, so they are " << without_effect()
                  << ". `paravent gateway off` takes them away.\n";
    else
        std::cout << "# Not in force. `paravent gateway on` would load:\n";
    std::cout << steering::rules(redirection);
    return 0;
}

int on(const Place& place, const config::Settings& settings, const steering::Redirection& redirection)
{
    need_rights("on");
    note_surroundings(redirection);
    std::vector<std::string> names;
    if (!redirection.is_of_chosen_devices())
        names = activity::steerable_names(*own_rules(settings, place));
    return keep_gateway(settings, redirection, std::move(names));
}

/// Whatever a keeper says: the table itself tells whether it is gone.
int off()
{
    const bool ended = end_gateway_keeper();
    if (!ended)
        need_rights("off");
    using State = machine::NftResult::State;
    const auto loaded = machine::may_change_rules() ? loaded_table() : machine::NftResult{};
    if (loaded.state == State::missing && !ended)
        throw Failure(failed, "nft is not installed, so rules that are loaded cannot be taken back: apt-get install "
                              "nftables; with nobody who keeps them alive they let everything pass after " +
                                  std::to_string(steering::lifetime.count()) + " seconds");
    if (loaded.state == State::missing || is_none(loaded)) {
        std::cout << (ended ? "The rules are taken back.\n" : "There are no rules to take back.\n");
        return 0;
    }
    const auto result = machine::nft(steering::remove_all());
    if (result.state != State::done)
        throw Failure(failed, "nft could not delete the table inet paravent: " + dashboard::inert_lines(result.text));
    std::cout << "The rules are taken back.\n";
    return 0;
}

} // namespace

int gateway(const Place& place, const Gateway& wish)
{
    if (wish.action == Gateway::Action::off)
        return off(); // whatever the settings say by now
    const auto settings = settings_at(place);
    const auto redirection = redirection_of(place, settings, wish);
    return wish.action == Gateway::Action::on ? on(place, settings, redirection) : show(redirection);
}

} // namespace paravent::cli
