#include "proxy/dashboard/guard.hpp"

#include "proxy/wire/target.hpp"
#include "rules/domains.hpp"

#include <algorithm>

namespace paravent::dashboard {
namespace {

bool is_loopback(std::string_view host) noexcept
{
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool is_address(std::string_view host) noexcept
{
    return host.find(':') != std::string_view::npos || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_wildcard(std::string_view address) noexcept
{
    return address == "0.0.0.0" || address == "::";
}

bool is_own_port(std::uint16_t port, const config::Settings& settings)
{
    return std::any_of(settings.dashboard.listen.begin(), settings.dashboard.listen.end(),
                       [port](const config::Endpoint& e) { return e.port == port; });
}

bool is_usual_port(std::uint16_t port) noexcept
{
    return port == 0 || port == 80 || port == 443;
}

bool has_own_name(std::string_view host, const config::Settings& settings)
{
    return std::any_of(settings.dashboard.names.begin(), settings.dashboard.names.end(),
                       [host](const std::string& name) { return rules::normal_host(name) == host; });
}

/// A name of ours with any port that leads here, or an address of ours with the dashboard's own port. An address in
/// Host is no danger where we listen on all of them: a page whose name was bound anew to us still sends its name.
bool is_ours(const server::LocalRequest& request, const config::Settings& settings)
{
    const auto& dashboard = settings.dashboard;
    if (has_own_name(request.host, settings))
        return is_own_port(request.port, settings) || is_usual_port(request.port);
    const bool own_port = is_own_port(request.port, settings);
    if (!own_port || request.by_proxy)
        return false;
    return is_loopback(request.host) ||
           std::any_of(dashboard.listen.begin(), dashboard.listen.end(), [&](const config::Endpoint& e) {
               return e.address == request.host || (is_wildcard(e.address) && is_address(request.host));
           });
}

/// Whether an Origin field names the very origin that the request goes to.
bool is_same_origin(const server::LocalRequest& request, std::string_view origin)
{
    const std::string_view scheme = request.secure ? "https://" : "http://";
    if (!origin.starts_with(scheme))
        return false;
    const auto target = wire::parse_host(origin.substr(scheme.size()));
    const auto port_of = [&](std::uint16_t port) -> std::uint16_t {
        return port != 0 ? port : request.secure ? 443 : 80;
    };
    return target && target->host == request.host && port_of(target->port) == port_of(request.port);
}

/// Whether an Origin field names any origin of this box: its names, and the addresses that it was told to listen on.
/// (Not any address, as Host may be where it listens on all: a page from there may be another computer's.)
bool is_own_origin(std::string_view origin, const config::Settings& settings)
{
    const auto behind_scheme = origin.find("://");
    const auto scheme = origin.substr(0, behind_scheme);
    if (behind_scheme == std::string_view::npos || (scheme != "http" && scheme != "https"))
        return false;
    const auto from = wire::parse_host(origin.substr(behind_scheme + 3));
    if (!from)
        return false;
    if (has_own_name(from->host, settings))
        return is_own_port(from->port, settings) || is_usual_port(from->port);
    const auto& listen = settings.dashboard.listen;
    return is_own_port(from->port, settings) &&
           (is_loopback(from->host) || std::any_of(listen.begin(), listen.end(), [&](const config::Endpoint& e) {
                return e.address == from->host && !is_wildcard(e.address);
            }));
}

bool comes_from_elsewhere(const server::LocalRequest& request)
{
    const auto origin = request.field("Origin");
    if (!origin.empty() && !is_same_origin(request, origin))
        return true;
    const auto site = request.field("Sec-Fetch-Site");
    return site == "cross-site" || site == "same-site"; // another port of this computer is another site's page as well
}

/// Whether a browser says that the page that asks is ours. SameSite=Strict keeps the cookie from others' pages already;
/// what changes something says so a second time.
bool comes_from_here(const server::LocalRequest& request)
{
    return is_same_origin(request, request.field("Origin")) || request.field("Sec-Fetch-Site") == "same-origin";
}

/// Another address of the same place, over https.
std::string secure_address(const server::LocalRequest& request)
{
    const bool ipv6 = request.host.find(':') != std::string::npos;
    std::string out = "https://" + (ipv6 ? "[" + request.host + "]" : request.host);
    if (request.port != 0 && request.port != 80 && !request.by_proxy)
        out += ":" + std::to_string(request.port);
    return out + request.target;
}

} // namespace

bool same_secret(std::string_view a, std::string_view b) noexcept
{
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i]));
    return difference == 0;
}

std::string_view bearer_of(const server::LocalRequest& request) noexcept
{
    static constexpr std::string_view scheme = "bearer ";
    auto field = request.field("Authorization");
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (field.size() < scheme.size() ||
        !std::equal(scheme.begin(), scheme.end(), field.begin(), [&](char a, char b) { return a == lower(b); }))
        return {};
    field.remove_prefix(scheme.size());
    while (field.starts_with(' '))
        field.remove_prefix(1);
    return field;
}

std::string_view session_of(const server::LocalRequest& request)
{
    const std::string name = std::string(session_cookie(request.secure)) + "=";
    auto cookies = request.field("Cookie");
    while (!cookies.empty()) {
        const auto one = cookies.substr(0, cookies.find(';'));
        if (one.starts_with(name))
            return one.substr(name.size());
        cookies.remove_prefix(std::min(cookies.size(), one.size() + 1));
        while (cookies.starts_with(' '))
            cookies.remove_prefix(1);
    }
    return {};
}

bool is_owner(const server::LocalRequest& request, Door& door)
{
    if (const auto bearer = bearer_of(request); !bearer.empty())
        return door.has_token(bearer);
    const auto session = session_of(request);
    const bool reads = request.method == "GET" || request.method == "HEAD";
    // Without a password a session is this computer's alone.
    return !session.empty() && (door.has_password() || request.loopback) && (reads || comes_from_here(request)) &&
           door.has_session(session);
}

std::optional<server::LocalReply> refused(const server::LocalRequest& request, const config::Settings& settings,
                                          Door& door, Access access)
{
    if (!is_ours(request, settings))
        return problem_reply({421, "the Host \"" + request.host + "\" is not this dashboard's: see [dashboard] names"});
    const auto origin = request.field("Origin");
    const bool own_page = access == Access::own_pages && !origin.empty() && is_own_origin(origin, settings);
    if (!own_page && comes_from_elsewhere(request))
        return problem_reply({403, "this request was made by another site's page"});
    if (access == Access::anyone)
        return {};
    if (!request.loopback && !request.secure) { // table D10
        auto reply = problem_reply({307, "from the network the dashboard speaks https alone"});
        reply.fields.emplace_back("Location", secure_address(request));
        return reply;
    }
    if (access == Access::owner && !is_owner(request, door)) {
        auto reply =
            problem_reply({401, "log in (the dashboard does), or send a token: \"Authorization: Bearer …\" with "
                                "the line in the state directory's file \"token\", or one made in Settings"});
        reply.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"paravent\"");
        return reply;
    }
    return {};
}

} // namespace paravent::dashboard
