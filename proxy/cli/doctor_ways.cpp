#include "proxy/activity/steerable.hpp"
#include "proxy/cli/diagnosis.hpp"
#include "proxy/cli/reachable.hpp"
#include "proxy/cli/resolving.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/machine/addresses.hpp"
#include "proxy/machine/listening.hpp"
#include "proxy/machine/socket_units.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/clients.hpp"
#include "proxy/net/destinations.hpp"
#include "proxy/net/own_address.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <set>

// How traffic comes here and goes on: ports, the proxy's own answer, names.
namespace paravent::cli {
namespace {

namespace asio = boost::asio;

constexpr auto answer_within = std::chrono::seconds{5};
constexpr std::uint16_t https = 443;
/// Two of the hosts that all of this is about.
const std::vector<std::string> asked_names{"connect.facebook.net", "www.facebook.com"};

Finding look_at_port(const Patient& patient, const std::vector<machine::Listening>& sockets,
                     const config::Endpoint& endpoint, const std::string& setting, bool held_by_systemd)
{
    const auto place = written(endpoint);
    const auto* socket = machine::taker(sockets, endpoint.address, endpoint.port);
    if (socket == nullptr)
        return patient.runs
                   ? bad("ports", "nobody listens on " + place + " (" + setting + ")",
                         "addresses change with a start only: systemctl restart paravent; a port below 1024 needs its "
                         "socket unit")
                   : good("ports", place + " is free");
    const auto program = machine::program_of(*socket);
    const bool ours = program == "paravent" || (program == "systemd" && held_by_systemd) ||
                      (program.empty() && (patient.runs || held_by_systemd));
    if (!ours)
        return bad("ports", place + " (" + setting + ") belongs to " + (program.empty() ? "another program" : program),
                   setting.starts_with("proxy.steered") || setting.starts_with("steered")
                       ? "devices come to this very port: give this computer a second address (paravent dns-records "
                         "says how), or end that program"
                       : "end that one, or choose another port in the settings");
    if (!net::is_own(asio::ip::make_address(endpoint.address)))
        return bad("ports", "nobody reaches " + place + " (" + setting + "): this computer no longer has that address",
                   "let the router give it the same address always; or write the new one into the settings, and into "
                   "what leads devices here, then systemctl restart paravent");
    return good("ports", place);
}

/// Where the service listens: what a socket unit holds goes before the settings.
std::vector<config::Endpoint> endpoints_of(const machine::UnitSockets& units, const std::string& role,
                                           const std::vector<config::Endpoint>& settings)
{
    const auto unit = units.find(role);
    if (unit == units.end())
        return settings;
    std::vector<config::Endpoint> endpoints;
    for (const auto& socket : unit->second)
        endpoints.push_back({socket.address, socket.port});
    return endpoints;
}

/// The reply's status line to a question for the box's own page, by way of the proxy; else the error.
std::string ask_proxy(const config::Endpoint& endpoint, const std::string& name, boost::system::error_code& error)
{
    asio::io_context context{1};
    asio::ip::tcp::socket socket(context);
    const std::string request =
        "GET http://" + name + "/healthz HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n";
    std::string reply;
    error = asio::error::timed_out;
    socket.async_connect({asio::ip::make_address(endpoint.address), endpoint.port}, [&](const auto& connected) {
        error = connected;
        if (connected)
            return;
        error = asio::error::timed_out;
        asio::async_write(socket, asio::buffer(request), [&](const auto& sent, std::size_t) {
            if (sent) {
                error = sent;
                return;
            }
            asio::async_read_until(socket, asio::dynamic_buffer(reply, 16 * 1024), "\r\n",
                                   [&](const auto& heard, std::size_t) { error = heard; });
        });
    });
    context.run_for(answer_within);
    return reply.substr(0, reply.find('\r'));
}

std::set<std::string> own_addresses(const config::Settings& settings)
{
    std::set<std::string> own;
    for (const auto& each : machine::own_addresses())
        own.insert(each.address);
    for (const auto& each : settings.proxy.steered)
        own.insert(each.address);
    return own;
}

std::string servers_of(const config::Settings& settings)
{
    std::string text;
    for (const auto& server : settings.resolver.servers)
        text += (text.empty() ? "" : ", ") + (server.port == 53 ? server.address : written(server));
    return text.empty() ? "this computer's name servers" : text;
}

bool lets_this_computer_alone_in(const std::vector<std::string>& clients)
{
    const std::vector<std::string> this_computer{"loopback"};
    const auto loopback = net::networks(this_computer);
    return std::ranges::all_of(net::networks(clients), [&](const net::Network& one) {
        return std::ranges::any_of(loopback, [&](const net::Network& each) { return each.contains(one); });
    });
}

} // namespace

Findings examine_ports(const Patient& patient)
{
    const auto sockets = machine::listening();
    const auto units = machine::unit_sockets();
    Findings out;
    std::string fine;
    const auto& proxy = patient.settings.proxy;
    struct Role {
        const char *unit, *setting;
        const std::vector<config::Endpoint>& listen;
    };
    for (const auto& role :
         {Role{"proxy", "proxy.listen", proxy.listen},
          Role{"dashboard", "dashboard.listen", patient.settings.dashboard.listen},
          Role{"steered", "proxy.steered", proxy.steered}, Role{"redirected", "proxy.redirected", proxy.redirected}}) {
        const bool held = units.contains(role.unit);
        for (const auto& endpoint : endpoints_of(units, role.unit, role.listen)) {
            auto finding = look_at_port(patient, sockets, endpoint,
                                        held ? std::string(role.unit) + ", by its socket unit" : role.setting, held);
            if (finding.state == Finding::State::good)
                fine += (fine.empty() ? "" : ", ") + finding.text;
            else
                out.push_back(std::move(finding));
        }
    }
    if (!fine.empty())
        out.push_back(good("ports", patient.runs ? "listening on " + fine : fine));
    return out;
}

Findings examine_proxy(const Patient& patient)
{
    const auto listen = endpoints_of(machine::unit_sockets(), "proxy", patient.settings.proxy.listen);
    if (!patient.runs || listen.empty() || patient.settings.dashboard.names.empty())
        return {};
    const auto endpoint = nearest(listen);
    if (!net::is_own(asio::ip::make_address(endpoint.address)))
        return {}; // said under ports
    // From here to one of its own addresses this computer comes from that very address.
    if (!net::contains(net::networks(patient.settings.proxy.clients),
                       net::unmapped(asio::ip::make_address(endpoint.address))))
        return {note("proxy",
                     "it is at " + written(endpoint) +
                         ", but [proxy] clients does not let this computer in, so it was not asked",
                     "add \"loopback\" if this computer is to use it")};
    const auto& name = patient.settings.dashboard.names.front();
    boost::system::error_code error;
    const auto reply = ask_proxy(endpoint, name, error);
    if (error == asio::error::timed_out)
        return {bad("proxy", "it takes connections at " + written(endpoint) + ", but does not answer",
                    "systemctl restart paravent, and journalctl -u paravent")};
    if (error)
        return {bad("proxy", "it does not answer at " + written(endpoint) + ": " + error.message(),
                    "see under ports who has that address")};
    if (reply.find(" 200") == std::string::npos)
        return {
            bad("proxy", "it answered \"" + reply + "\" at " + written(endpoint), "journalctl -u paravent says why")};
    Findings out{good("proxy", "it answers for http://" + name + "/ at " + written(endpoint))};
    const auto open = std::ranges::find_if_not(
        listen, [](const auto& one) { return asio::ip::make_address(one.address).is_loopback(); });
    if (open != listen.end() && lets_this_computer_alone_in(patient.settings.proxy.clients))
        out.push_back(note("proxy",
                           "other devices can reach it at " + written(*open) +
                               ", but [proxy] clients lets this computer alone in, so they are refused",
                           "clients = [\"home\"] lets the home's devices in"));
    return out;
}

Findings examine_names(const Patient& patient)
{
    const auto& settings = patient.settings;
    if (has_parent(settings))
        return examine_names_with_parent(settings);
    const auto answers = Asking(settings).resolve(asked_names);
    const auto own = own_addresses(settings);
    const net::Destinations destinations(settings, {});
    std::string found, missing;
    for (const auto& [name, answer] : answers) {
        const auto ours = std::ranges::find_if(
            answer.addresses, [&](const net::Address& address) { return own.contains(address.to_string()); });
        if (ours != answer.addresses.end()) // where nobody steers, devices find nobody here
            return {bad("names",
                        servers_of(settings) + " says that " + name + " is this very computer (" + ours->to_string() +
                            "), so Paravent would find itself",
                        "[resolver] servers must name another one, such as \"9.9.9.9\"")};
        const auto nowhere = std::ranges::find_if(
            answer.addresses, [&](const net::Address& address) { return destinations.judge(address, https).failed(); });
        if (nowhere != answer.addresses.end())
            return {bad("names",
                        servers_of(settings) + " says that " + name + " is " + nowhere->to_string() +
                            ", which is no place on the internet: it blocks Meta's names itself, so their pages do not "
                            "open and Paravent sees nothing of them",
                        "name another one under [resolver] servers, such as \"9.9.9.9\", or let these names through "
                        "there")};
        if (answer.addresses.empty())
            missing = servers_of(settings) + ": " + name + ": " + answer.error;
        else
            found = name + " is " + answer.addresses.front().to_string();
    }
    if (!missing.empty())
        return {bad("names", missing,
                    settings.resolver.servers.empty()
                        ? "see /etc/resolv.conf, or name a server under [resolver] servers"
                        : "is [resolver] servers right, and the way there open?")};
    Findings out{good("names", found + ", says " + servers_of(settings))};
    if (!settings.proxy.steered.empty() && settings.resolver.servers.empty())
        out.push_back(note("names", "[proxy] steered is set, and Paravent asks this computer's own name servers",
                           "name others under [resolver] servers, so that Paravent can never find itself"));
    return out;
}

} // namespace paravent::cli
