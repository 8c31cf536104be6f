// The sites whose pages or apps told Meta something, and what their pages get in the place of Meta's script.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

boost::json::object site_shape(const std::string& site, const policy::SiteModes& modes,
                               const statistics::Counts& counts)
{
    const auto mode = policy::mode_for(modes, site);
    boost::json::object out{{"site", site}, {"mode", policy::name_of(mode)}, {"mode_text", policy::sentence_of(mode)}};
    for (auto& [key, value] : shape(counts))
        out[key] = value;
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
    const auto modes = parts.policy.site_modes();
    auto unseen = *modes;
    boost::json::array items;
    for (const auto& row : parts.recorder.stats(*asked).rows)
        if (is_site(row)) {
            items.push_back(site_shape(row.key, *modes, row.counts));
            unseen.erase(row.key);
        }
    for (const auto& [site, mode] : unseen) // what the owner chose is to be found and set back
        items.push_back(site_shape(site, *modes, {}));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply patch_site(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"mode"});
    if (!body)
        return problem_reply(body.error());
    const auto* value = body->if_contains("mode");
    std::optional<policy::SiteMode> mode;
    if (value != nullptr && value->is_string())
        mode = policy::site_mode_named(value->get_string());
    if (value == nullptr || (!mode && !value->is_null()))
        return problem_reply({400, "mode: is one of silent, report, observe, or null (the usual one, report)"});
    const auto site = parts.policy.set_site_mode(call.name, mode);
    return json_reply(site_shape(site, *parts.policy.site_modes(), {}));
}

} // namespace paravent::dashboard
