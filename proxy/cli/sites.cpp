#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iostream>

namespace paravent::cli {
namespace {

using boost::json::object;

bool holds(const object& site, std::string_view list, const boost::json::value& host)
{
    return std::ranges::find(site.at(list).as_array(), host) != site.at(list).as_array().end();
}

/// "capig.shop.example (blocked), …"
std::string gateways_of(const object& site)
{
    std::string text;
    for (const auto& host : site.at("gateways").as_array())
        text += (text.empty() ? "" : ", ") + std::string(std::string_view(host.as_string())) +
                (holds(site, "blocked_gateways", host) ? " (blocked)" : "");
    return text;
}

void describe(const object& site)
{
    const auto gateways = gateways_of(site);
    std::cout << dashboard::inert(text_at(site, "site")) << ": " << text_at(site, "mode") << ". "
              << dashboard::inert(text_at(site, "mode_text")) << '\n';
    if (!gateways.empty())
        std::cout << "It repeats what its pages tell Meta to " << dashboard::inert(gateways) << ".\n";
    if (site.at("block_gateway").as_bool())
        std::cout << (gateways.empty() ? "Its gateways, none of which is known yet, are blocked. "
                                       : "Its gateways are blocked. ")
                  << dashboard::inert(text_at(site, "block_gateway_text")) << '\n';
}

} // namespace

int sites(const Place& place, const std::string& since, bool json)
{
    Client client(place);
    const auto answer = client.ask("GET", "/sites" + query_of({{"from", time_since("--since", since)}}));
    if (json) {
        std::cout << answer.body;
        return 0;
    }
    Table table({"SITE", "MODE", "GATEWAYS", "REQUESTS", "BLOCKED", "ANSWERED"});
    const auto value = boost::json::parse(answer.body);
    for (const auto& item : value.at("items").as_array()) {
        const auto& site = item.as_object();
        table.add({text_at(site, "site"), text_at(site, "mode"), gateways_of(site), text_at(site, "requests"),
                   text_at(site, "block"), text_at(site, "answer")});
    }
    if (table.empty())
        std::cout << "No site told Meta anything yet.\n";
    else
        table.print(std::cout);
    return 0;
}

int site(const Place& place, const Site& options)
{
    object change;
    if (options.mode)
        change["mode"] = *options.mode;
    if (options.block_gateway)
        change["block_gateway"] = *options.block_gateway == "yes";
    Client client(place);
    const auto path = "/sites/" + escaped(options.site);
    const auto shown = change.empty() ? client.get(path) : client.send("PATCH", path, change);
    if (options.json)
        std::cout << dashboard::text_of(shown) << '\n';
    else
        describe(shown.as_object());
    return 0;
}

} // namespace paravent::cli
