// The sites whose pages or apps told Meta something, what their pages get in the place of Meta's script, and the hosts
// to which they repeat it.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"
#include "rules/domains.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace paravent::dashboard {
namespace {

boost::json::object site_shape(const std::string& name, const policy::Sites& sites, const statistics::Stats::Row& row)
{
    const auto* site = sites.find(name);
    const auto mode = sites.mode_for(name);
    boost::json::array gateways, blocked;
    if (site != nullptr)
        for (const auto& gateway : site->gateways) {
            gateways.emplace_back(gateway.host);
            if (gateway.blocked)
                blocked.emplace_back(gateway.host);
        }
    boost::json::object out{{"site", name},
                            {"mode", policy::name_of(mode)},
                            {"mode_text", policy::sentence_of(mode)},
                            {"gateways", std::move(gateways)},
                            {"blocked_gateways", std::move(blocked)},
                            {"block_gateway", site != nullptr && site->block_gateway},
                            {"block_gateway_text", policy::gateway_sentence()}};
    for (auto& [key, value] : shape(row.counts))
        out[key] = value;
    if (row.last_ms > 0) {
        out["first"] = rfc3339(row.first_ms);
        out["last"] = rfc3339(row.last_ms);
    }
    return out;
}

/// Counts are kept by site, where none is known by the destination, and the bounded rest together.
bool is_site(const statistics::Stats::Row& row)
{
    return row.key != "other" && !activity::is_meta(row.key);
}

} // namespace

server::LocalReply get_sites(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"from", "to"});
    if (!query)
        return problem_reply(query.error());
    auto asked = stats_query(*query);
    if (!asked)
        return problem_reply(asked.error());
    asked->by = statistics::By::site;
    const auto sites = parts.policy.sites();
    auto unseen = sites->all();
    boost::json::array items;
    for (const auto& row : parts.recorder.stats(*asked).rows)
        if (is_site(row)) {
            items.push_back(site_shape(row.key, *sites, row));
            unseen.erase(row.key);
        }
    for (const auto& [name, site] : unseen) // what the owner chose is to be found and set back
        items.push_back(site_shape(name, *sites, {}));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply get_site(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"from", "to"});
    if (!query)
        return problem_reply(query.error());
    auto asked = stats_query(*query);
    if (!asked)
        return problem_reply(asked.error());
    const auto host = rules::normal_host(call.name);
    if (!host)
        return problem_reply({400, "site: write its name alone, such as shop.example"});
    const std::string site(rules::registrable_domain(*host));
    asked->by = statistics::By::site;
    const auto stats = parts.recorder.stats(*asked);
    const auto row = std::ranges::find(stats.rows, site, &statistics::Stats::Row::key);
    return json_reply(
        site_shape(site, *parts.policy.sites(), row != stats.rows.end() ? *row : statistics::Stats::Row{}));
}

server::LocalReply patch_site(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"mode", "block_gateway"});
    if (!body)
        return problem_reply(body.error());
    policy::SiteChange change;
    if (const auto* value = body->if_contains("mode")) {
        change.mode.emplace();
        if (value->is_string())
            change.mode = policy::site_mode_named(value->get_string());
        if (!*change.mode && !value->is_null())
            return problem_reply({400, "mode: is one of silent, report, observe, or null (the usual one, report)"});
    }
    if (const auto* value = body->if_contains("block_gateway")) {
        if (!value->is_bool() && !value->is_null())
            return problem_reply({400, "block_gateway: is true, false, or null (the usual, false)"});
        change.block_gateway = value->is_bool() && value->get_bool();
    }
    if (!change.mode && !change.block_gateway)
        return problem_reply({400, "mode or block_gateway: one of them is to be changed"});
    const auto site = parts.policy.change_site(call.name, change);
    return json_reply(site_shape(site, *parts.policy.sites(), {}));
}

} // namespace paravent::dashboard
