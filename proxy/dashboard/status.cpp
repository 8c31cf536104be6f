#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/list_hits.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <map>
#include <string>
#include <utility>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

std::string_view name_of(statistics::DatabaseState::State state) noexcept
{
    switch (state) {
    case statistics::DatabaseState::State::ok:
        return "ok";
    case statistics::DatabaseState::State::moved:
        return "moved";
    case statistics::DatabaseState::State::off:
        break;
    }
    return "off";
}

/// The gateways that were seen and that the owner has not had blocked.
void add_gateways(const policy::Sites& sites, json::array& out)
{
    constexpr std::size_t most = 100;
    for (const auto& [name, site] : sites.all())
        for (const auto& gateway : site.gateways)
            if (!gateway.blocked && out.size() < most)
                out.push_back({{"device", nullptr},
                               {"kind", "gateway"},
                               {"host", gateway.host},
                               {"text", name + " repeats what its pages tell Meta to " + gateway.host +
                                            ", which tells Meta and passes here: `paravent site " + name +
                                            " --block-gateway yes` blocks it."}});
}

/// What nobody at home can see, whatever is set up; and what is not looked into.
json::array blind_spots(const Parts& parts)
{
    static constexpr std::pair<std::string_view, std::string_view> spots[] = {
        {"server_to_server", "What a shop's own server tells Meta's servers never passes through this home."},
        {"encrypted", "Only Meta's own hosts are decrypted, and only for devices with interception on: of all other "
                      "https only the host is seen, so the pixel's own requests to www.facebook.com pass unless its "
                      "loader was blocked before."},
        {"own_name", "Meta code that a site serves from its own name is seen only where a list names it."},
        {"bypassing", "Devices and apps that do not use this proxy are not seen at all."},
    };
    json::array out;
    for (const auto& [kind, text] : spots)
        out.push_back({{"device", nullptr}, {"kind", kind}, {"host", nullptr}, {"text", text}});
    add_gateways(*parts.policy.sites(), out);
    std::map<std::string, std::string> names;
    for (const auto& device : parts.policy.devices()) {
        const auto called = device.name.empty() ? "device " + device.id : device.name + " (" + device.id + ")";
        names.emplace(device.id, called);
        if (device.intercept && device.browsers_only)
            out.push_back({{"device", device.id},
                           {"kind", "browsers_only"},
                           {"host", nullptr},
                           {"text", "Of " + called +
                                        " only what says that it is a browser is decrypted: what its apps tell Meta is "
                                        "seen by the host alone."}});
    }
    for (const auto& bypass : parts.interception.bypasses().bypasses(now_ms())) {
        const auto known = names.find(bypass.device);
        out.push_back(
            {{"device", bypass.device},
             {"kind", "bypass"},
             {"host", bypass.host},
             {"text", "An app on " + (known != names.end() ? known->second : "device " + bypass.device) +
                          " refused this home's certificate for " + bypass.host +
                          ", so its connections there are not decrypted until " + rfc3339(bypass.until_ms) + "."}});
    }
    return out;
}

/// The authority in force, as the status shows it.
json::value newest(const tls::AuthorityList& authorities)
{
    if (authorities.empty())
        return nullptr;
    return json::object{{"fingerprint", authorities.front()->fingerprint()},
                        {"not_after", rfc3339(authorities.front()->not_after() * 1000)}};
}

/// Who is to be decrypted but is not, for there is nothing to do it with; "" where nobody is.
std::string waiting_for_authority(const Parts& parts)
{
    std::size_t others = 0;
    std::string first;
    for (const auto& device : parts.policy.devices())
        if (device.intercept && first.empty())
            first = device.name.empty() ? device.id : device.name;
        else if (device.intercept)
            ++others;
    if (first.empty() || !parts.interception.authorities()->empty())
        return {};
    const auto whom = first + (others == 0 ? "" : " and " + std::to_string(others) + " more");
    if (!parts.interception.problems().empty())
        return "Interception is on for " + whom +
               ", but no certificate authority can be read, so nothing is decrypted: put its file back from a backup, "
               "or have another one made (`paravent authority remove`, then `create`)";
    return "Interception is on for " + whom +
           ", but there is no certificate authority, so nothing is decrypted: `paravent authority create` makes one";
}

json::array problems_of(const Parts& parts, const ServerStatus& server, const statistics::DatabaseState& database,
                        const std::vector<ListRow>& lists)
{
    json::array out;
    const auto add = [&](std::string_view code, std::string_view text) {
        out.push_back({{"code", code}, {"text", text}});
    };
    for (const auto& problem : server.problems)
        add(problem.code, problem.text);
    if (server.clock_before_build)
        add("clock",
            "The clock stands before the day this program was built: times in events are wrong until it is set.");
    if (!database.problem.empty())
        add("database", database.problem);
    if (const auto text = parts.policy.problem(); !text.empty())
        add("policy", text);
    if (!parts.door.problem().empty())
        add("login", parts.door.problem());
    for (const auto& text : parts.interception.problems())
        add("authority", text);
    const auto authorities = parts.interception.authorities();
    for (const auto& authority : *authorities)
        if (const auto notice = authority->validity_notice(now_ms() / 1000); !notice.empty())
            add("authority_expires", notice);
    if (const auto text = waiting_for_authority(parts); !text.empty())
        add("no_authority", text);
    for (const auto& list : lists)
        if (!list.error.empty())
            add("list", list.name + ": " + list.error);
    return out;
}

} // namespace

server::LocalReply get_status(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto server = parts.server();
    const auto database = parts.recorder.database();
    const auto rows = lists_with_hits(parts);
    json::array lists;
    for (const auto& row : rows)
        lists.push_back(shape(row));
    return json_reply({
        {"version", server.version},
        {"uptime_s", server.uptime_s},
        {"workers", server.workers},
        {"connections",
         {{"open", server.open}, {"total", server.total}, {"refused", server.refused}, {"tunnels", server.tunnels}}},
        {"lists", std::move(lists)},
        {"authority", newest(*parts.interception.authorities())},
        {"clock", server.clock_before_build ? "before_build" : "ok"},
        {"database", {{"state", name_of(database.state)}, {"bytes", database.bytes}, {"dropped", database.dropped}}},
        {"blind_spots", blind_spots(parts)},
        {"problems", problems_of(parts, server, database, rows)},
    });
}

server::LocalReply get_stats(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"from", "to", "by"});
    if (!query)
        return problem_reply(query.error());
    const auto wanted = stats_query(*query);
    if (!wanted)
        return problem_reply(wanted.error());
    return json_reply(shape(parts.recorder.stats(*wanted)));
}

} // namespace paravent::dashboard
