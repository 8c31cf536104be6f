#include "proxy/activity/steerable.hpp"
#include "proxy/cli/network.hpp"
#include "proxy/cli/own_rules.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/machine/addresses.hpp"
#include "proxy/machine/listening.hpp"
#include "proxy/machine/socket_units.hpp"
#include "proxy/net/address.hpp"
#include "proxy/steering/records.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <iostream>

namespace paravent::cli {
namespace {

constexpr std::array<std::uint16_t, 2> steered_ports{443, 80};

steering::BoxAddresses box_addresses(const std::vector<std::string>& given)
{
    steering::BoxAddresses box;
    for (const auto& text : given) {
        boost::system::error_code error;
        const auto address = net::unmapped(boost::asio::ip::make_address(text, error));
        const auto refuse = [&](const std::string& why) {
            throw Failure(wrong_usage, "--address " + dashboard::inert(text) + ": " + why);
        };
        if (error || (address.is_v6() && address.to_v6().scope_id() != 0))
            refuse("that is no IP address; give the one that devices at home reach this box by, such as 192.168.1.2");
        if (address.is_unspecified() || address.is_multicast() ||
            (address.is_v4() && address.to_string() == "255.255.255.255"))
            refuse("no computer has that address; give the one that devices at home reach this box by");
        if (address.is_loopback())
            refuse("each device would ask itself; give the address that devices at home reach this box by");
        if (address.is_v6() && address.to_v6().is_link_local())
            refuse("an address of one link alone cannot stand in a record; give another of this box's");
        auto& place = address.is_v4() ? box.v4 : box.v6;
        if (!place.empty())
            refuse("there is one IPv4 and one IPv6 address; " + place + " was given already");
        place = address.to_string();
    }
    return box;
}

void warn(const std::string& text)
{
    std::cerr << "note: " << text << '\n';
}

/// What is taken for steered traffic: by the settings, and by the socket unit, which goes before them.
std::vector<machine::Listening> steered_sockets(const config::Settings& settings)
{
    auto units = machine::unit_sockets();
    auto all = std::move(units["steered"]);
    if (all.empty())
        for (const auto& each : settings.proxy.steered)
            all.push_back({each.address, each.port, 0});
    return all;
}

bool is_one_of(const std::vector<machine::Listening>& own, const machine::Listening& socket)
{
    return std::ranges::any_of(own, [&](const machine::Listening& each) {
        return each.port == socket.port && each.address == socket.address;
    });
}

/// What to do where another program has the ports of this address, which is one of this computer's.
std::string way_out(const machine::OwnAddress& own, const std::string& program)
{
    const auto beside = machine::address_beside(own);
    const auto second = beside ? *beside : std::string("192.0.2.2");
    std::string text = ". Paravent needs an address of its own there:\n"
                       "  1. Give this computer a second one";
    text += beside ? ", for example " + second + " where nothing at home has it (keep it out of the router's DHCP)"
                   : std::string(" (" + second + " stands for it here)");
    text += ":\n       ip address add " + second + "/" + std::to_string(own.prefix) + " dev " + own.card + "\n";
    if (program == "pihole-FTL")
        text += "  2. Let Pi-hole's pages keep to the first one:\n       pihole-FTL --config webserver.port \"" +
                own.address + ":80o," + own.address + ":443os\"\n";
    else
        text += "  2. Let " + program + " listen on " + own.address + " instead of every address.\n";
    return text + "  3. Come again with --address " + second;
}

/// Records for a port that answers with somebody else's pages would break what they are for.
void refuse_taken_ports(const std::vector<machine::Listening>& steered, const std::string& address)
{
    const auto own = machine::own_address(address);
    if (!own)
        return; // the records are made on another computer
    const auto sockets = machine::listening();
    for (const auto port : steered_ports) {
        const auto* socket = machine::taker(sockets, address, port);
        if (socket == nullptr)
            continue;
        const auto program = machine::program_of(*socket);
        // What systemd holds for Paravent may not have been handed over yet.
        if (program == "paravent" || ((program.empty() || program == "systemd") && is_one_of(steered, *socket)))
            continue;
        if (program.empty()) {
            warn("port " + std::to_string(port) + " of " + address +
                 " is taken, and only root can see by whom: where it is not Paravent, devices will meet another "
                 "program's pages there. Give the command as root");
            continue;
        }
        const bool any = socket->address == "0.0.0.0" || socket->address == "::";
        throw Failure(failed,
                      "port " + std::to_string(port) + " of " + address + " belongs to " + dashboard::inert(program) +
                          (any ? ", which listens on every address of this computer" : "") + way_out(*own, program));
    }
}

bool takes(const std::vector<machine::Listening>& steered, const std::string& address, std::uint16_t port)
{
    const auto* any = address.find(':') == std::string::npos ? "0.0.0.0" : "::";
    return is_one_of(steered, {address, port, 0}) || is_one_of(steered, {any, port, 0});
}

/// What of the settings does not go with the records yet.
void warn_of_settings(const config::Settings& settings, const std::vector<machine::Listening>& steered,
                      const steering::BoxAddresses& box)
{
    if (settings.resolver.servers.empty())
        warn("[resolver] servers is empty: Paravent asks this computer's own name server, which may be the one that "
             "gets these records; then it finds itself. Name another one first");
    for (const auto* address : {&box.v4, &box.v6})
        for (const auto port : steered_ports)
            if (!address->empty() && !takes(steered, *address, port))
                warn("[proxy] steered does not take port " + std::to_string(port) + " of " + *address +
                     " yet: set it as the comments above say, before the records are in force");
}

} // namespace

int dns_records(const Place& place, const DnsRecords& wish)
{
    const auto dialect = steering::dialect_named(wish.dialect);
    if (!dialect)
        throw Failure(wrong_usage, "--for takes pihole, adguard, dnsmasq or unbound");
    const auto box = box_addresses(wish.addresses);
    const auto settings = settings_at(place);
    const auto steered = steered_sockets(settings);
    for (const auto* address : {&box.v4, &box.v6})
        if (!address->empty())
            refuse_taken_ports(steered, *address);
    const auto names = activity::steerable_names(*own_rules(settings, place));
    if (names.empty())
        throw Failure(failed, "all of Paravent's own lists are switched off, so there is no name to steer");
    std::cout << steering::records(*dialect, names, box);
    warn_of_settings(settings, steered, box);
    return 0;
}

} // namespace paravent::cli
