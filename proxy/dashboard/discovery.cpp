// What a device fetches to find the proxy and to trust the box: also in plain http, since it has nothing yet.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/profile.hpp"
#include "proxy/dashboard/qr.hpp"
#include "proxy/dashboard/way_here.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/local_names.hpp"
#include "proxy/tls/signing.hpp"
#include "proxy/wire/pac.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace paravent::dashboard {

namespace {

/// The home's other boxes, "192.168.1.3:8480,[fd00::3]:8480". Anybody may write a link to this box's PAC file: so
/// numbers alone, and of the home alone, or a stranger's proxy could be put into it.
result<std::vector<std::string>> other_boxes(std::string_view text)
{
    constexpr std::size_t most = 4;
    const Problem wrong{400,
                        "also: the other boxes, as 192.168.1.3:8480 with commas between them: up to four addresses "
                        "of this home, each with its port"};
    const std::vector<std::string> words = {"home"};
    const auto home = net::networks(words);
    std::vector<std::string> boxes;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto endpoint = config::parse_endpoint(text.substr(0, comma));
        boost::system::error_code error;
        const auto address =
            endpoint ? boost::asio::ip::make_address(endpoint->address, error) : boost::asio::ip::address{};
        if (!endpoint || error || address.is_loopback() || !net::contains(home, address) || boxes.size() == most ||
            comma + 1 == text.size())
            return wrong;
        const bool v6 = address.is_v6();
        boxes.push_back((v6 ? "[" + endpoint->address + "]" : endpoint->address) + ":" +
                        std::to_string(endpoint->port));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return boxes;
}

} // namespace

server::LocalReply get_pac(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"all", "also"});
    if (!query)
        return problem_reply(query.error());
    const auto others = other_boxes((*query)["also"]);
    if (!others)
        return problem_reply(others.error());
    const auto settings = parts.settings();
    const auto& names = settings->dashboard.names; // the box is found by its name through the proxy
    const auto proxy = proxy_for(call.request, *settings).value_or("");
    std::string file;
    if (query->has("all")) {
        file = wire::pac_file_for_all(proxy, names, net::local_suffixes(), *others);
    } else {
        auto domains = parts.ruleset()->own_domains();
        domains.insert(domains.end(), names.begin(), names.end());
        file = wire::pac_file(proxy, domains, *others);
    }
    auto reply = text_reply("application/x-ns-proxy-autoconfig", std::move(file));
    // A browser may keep it for as long as it likes; an hour is what a change of the lists may take.
    reply.fields.emplace_back("Cache-Control", "max-age=3600");
    return reply;
}

server::LocalReply get_certificate(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto authorities = parts.interception.authorities();
    if (authorities->empty())
        return problem_reply({404, "there is no certificate authority yet: the owner makes one in the dashboard's "
                                   "Settings, or with `paravent authority create`"});
    auto reply = text_reply("application/x-x509-ca-cert", tls::der_of(authorities->front()->root()));
    reply.fields.emplace_back("Content-Disposition", "attachment; filename=\"paravent.crt\"");
    return reply;
}

server::LocalReply get_mobileconfig(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"ssid"});
    if (!query)
        return problem_reply(query.error());
    constexpr std::size_t longest = 32; // IEEE 802.11
    if ((*query)["ssid"].size() > longest)
        return problem_reply({400, "ssid: a Wi-Fi's name has at most 32 bytes"});
    Profile profile;
    const auto authorities = parts.interception.authorities();
    if (!authorities->empty()) {
        profile.certificate = tls::der_of(authorities->front()->root());
        profile.certificate_name = authorities->front()->name();
    }
    profile.ssid = (*query)["ssid"];
    if (proxy_for(call.request, *parts.settings()))
        profile.pac = plain_origin(call.request, *parts.settings()) + "/proxy.pac";
    if (profile.certificate.empty() && (profile.ssid.empty() || profile.pac.empty()))
        return problem_reply({404, "there is nothing to install yet: no certificate authority was made, and no Wi-Fi "
                                   "was named (?ssid=…)"});
    auto reply = text_reply("application/x-apple-aspen-config", text_of(profile));
    reply.fields.emplace_back("Content-Disposition", "attachment; filename=\"paravent.mobileconfig\"");
    return reply;
}

server::LocalReply get_qr(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"text"});
    if (!query)
        return problem_reply(query.error());
    const auto text = (*query)["text"];
    constexpr std::size_t longest = 300;
    if (text.empty() || text.size() > longest || !is_own_url(text, call.request, *parts.settings()))
        return problem_reply({400, "text: is an address of this box, such as http://paravent.local/setup"});
    return text_reply("image/svg+xml", qr_svg(text));
}

} // namespace paravent::dashboard
