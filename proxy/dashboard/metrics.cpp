// Numbers for Prometheus (text exposition format 0.0.4). No label comes from outside: table D11.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/guard.hpp"
#include "proxy/dashboard/list_hits.hpp"
#include "proxy/dashboard/time.hpp"

#include <array>
#include <utility>

namespace paravent::dashboard {
namespace {

class Metrics {
public:
    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        name_ = name;
        text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
        text_.append(type).append("\n");
    }
    /// `labels`: as they stand between the braces.
    void value(std::uint64_t value, std::string_view labels = {})
    {
        text_ += name_;
        if (!labels.empty())
            text_.append("{").append(labels).append("}");
        text_.append(" ").append(std::to_string(value)).append("\n");
    }
    void one(std::string_view name, std::string_view type, std::string_view help, std::uint64_t its_value)
    {
        family(name, type, help);
        value(its_value);
    }
    std::string take() { return std::move(text_); }

private:
    std::string name_, text_;
};

/// A list's name is the owner's own word.
std::string label(std::string_view name, std::string_view text)
{
    std::string out(name);
    out += "=\"";
    for (const char c : text) {
        if (c == '\\' || c == '"')
            out += '\\';
        if (c != '\n')
            out += c;
    }
    return out + '"';
}

void requests(Metrics& out, const statistics::Counts& judged)
{
    out.family("paravent_requests_total", "counter", "Requests and tunnels that were judged, by verdict.");
    const std::array<std::pair<std::string_view, std::uint64_t>, 4> verdicts = {
        {{"allow", judged.allow}, {"log", judged.log}, {"block", judged.block}, {"answer", judged.answer}}};
    for (const auto& [verdict, count] : verdicts)
        out.value(count, label("verdict", verdict));
}

void lists(Metrics& out, const std::vector<ListRow>& rows)
{
    out.family("paravent_list_rules", "gauge", "Rules in force, by list.");
    for (const auto& row : rows)
        out.value(row.enabled ? row.rules : 0, label("list", row.name));
    out.family("paravent_list_hits_total", "counter", "Requests that a list's rules decided, by list.");
    for (const auto& row : rows)
        out.value(row.hits, label("list", row.name));
    out.family("paravent_list_broken", "gauge", "1 where a list could not be read or fetched.");
    for (const auto& row : rows)
        out.value(row.error.empty() ? 0 : 1, label("list", row.name));
}

} // namespace

server::LocalReply get_metrics(const Parts& parts, const Call& call)
{
    if (!call.request.loopback && !is_owner(call.request, parts.door))
        return problem_reply({401, "off this computer send a token: \"Authorization: Bearer …\"; the dashboard's "
                                   "Settings make one"});
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto server = parts.server();
    const auto database = parts.recorder.database();
    Metrics out;
    requests(out, parts.recorder.judged());
    out.one("paravent_connections_open", "gauge", "Connections of clients that are open.", server.open);
    out.one("paravent_tunnels_open", "gauge", "Tunnels that are open.", server.tunnels);
    out.one("paravent_connections_total", "counter", "Connections of clients since the start.", server.total);
    out.one("paravent_connections_refused_total", "counter", "Connections that were refused.", server.refused);
    out.one("paravent_uptime_seconds", "gauge", "Since the start.", server.uptime_s);
    out.one("paravent_devices", "gauge", "Devices that are known.", parts.policy.devices().size());
    out.one("paravent_bypasses", "gauge", "Apps that accept no certificate but their maker's, left alone for a day.",
            parts.interception.bypasses().bypasses(now_ms()).size());
    out.one("paravent_database_bytes", "gauge", "Size of the statistics.", database.bytes);
    out.one("paravent_database_ok", "gauge", "0 where statistics are kept in memory alone.",
            database.state == statistics::DatabaseState::State::off ? 0 : 1);
    out.one("paravent_events_dropped_total", "counter", "Events that could not be kept.", database.dropped);
    out.one("paravent_clock_ok", "gauge", "0 where the clock stands before the day of the build.",
            server.clock_before_build ? 0 : 1);
    lists(out, lists_with_hits(parts));
    return text_reply("text/plain; version=0.0.4; charset=utf-8", out.take());
}

} // namespace paravent::dashboard
