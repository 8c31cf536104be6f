#include "proxy/dashboard/way_here.hpp"

#include "proxy/net/clients.hpp"
#include "proxy/wire/target.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>

namespace paravent::dashboard {
namespace {

std::string bracketed(const std::string& address)
{
    return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

bool is_wildcard(const std::string& address)
{
    return address == "0.0.0.0" || address == "::";
}

const config::Endpoint* listening_at(const std::vector<config::Endpoint>& endpoints, const std::string& address)
{
    const auto found = std::ranges::find_if(
        endpoints, [&](const config::Endpoint& e) { return e.address == address || is_wildcard(e.address); });
    return found == endpoints.end() ? nullptr : &*found;
}

/// This computer's first address that others at home reach; IPv4, which people can type. Empty where there is none.
std::string address_at_home()
{
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0)
        return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> held(all, ::freeifaddrs);
    for (const auto* one = all; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_UP) == 0 ||
            (one->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        sockaddr_in address{};
        std::memcpy(&address, one->ifa_addr, sizeof address);
        char text[INET_ADDRSTRLEN] = {};
        if (::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text) != nullptr)
            return text;
    }
    return {};
}

} // namespace

std::optional<std::string> proxy_for(const server::LocalRequest& request, const config::Settings& settings)
{
    boost::system::error_code error;
    const auto client = boost::asio::ip::make_address(request.client, error);
    if (error || !net::Clients(settings.proxy.clients).contains(client))
        return {};
    const auto* endpoint = listening_at(settings.proxy.listen, request.own_address);
    if (endpoint == nullptr)
        return {};
    return bracketed(request.own_address) + ":" + std::to_string(endpoint->port);
}

std::string plain_origin(const server::LocalRequest& request, const config::Settings& settings)
{
    if (const auto* endpoint = listening_at(settings.dashboard.listen, request.own_address))
        return "http://" + bracketed(request.own_address) + ":" + std::to_string(endpoint->port);
    // The dashboard does not listen there, but the proxy leads to it by name.
    return "http://" + (settings.dashboard.names.empty() ? bracketed(request.host) : settings.dashboard.names.front());
}

std::optional<std::string> origin_for_others(const config::Settings& settings)
{
    for (const auto& endpoint : settings.dashboard.listen) {
        boost::system::error_code error;
        const auto own = boost::asio::ip::make_address(endpoint.address, error);
        if (error || own.is_loopback())
            continue;
        const auto address = is_wildcard(endpoint.address) ? address_at_home() : endpoint.address;
        if (!address.empty())
            return "http://" + bracketed(address) + ":" + std::to_string(endpoint.port);
    }
    return {};
}

bool is_own_url(std::string_view url, const server::LocalRequest& request, const config::Settings& settings)
{
    if (const auto others = origin_for_others(settings); others && url.starts_with(*others + "/"))
        return true;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!url.starts_with(scheme))
            continue;
        const auto rest = url.substr(scheme.size());
        const auto host = wire::parse_host(rest.substr(0, rest.find('/')));
        return host && (host->host == request.host || host->host == request.own_address ||
                        std::ranges::any_of(settings.dashboard.names, [&](const std::string& name) {
                            return rules::normal_host(name) == host->host;
                        }));
    }
    return false;
}

} // namespace paravent::dashboard
