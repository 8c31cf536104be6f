// What was stopped in a month: on a sheet of paper, and as a table.
#include "proxy/reconcile/withheld.hpp"
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/reconcile/reconcile.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;
using reconcile::Sums;
using reconcile::WithheldLine;

constexpr std::size_t most_sites = 500;

struct Month {
    std::string name; ///< "2026-11"
    std::int64_t from_ms, to_ms;
};

result<Month> month_in(const Query& query)
{
    const std::string name(query["month"]);
    const auto day = parse_day(name + "-01");
    if (!day)
        return Problem{400, "month: write it as 2026-11"};
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    const auto next = reconcile::first_day_of(reconcile::month_of(static_cast<reconcile::Day>(*day)) + 1);
    return Month{name, *day * day_ms, next * day_ms};
}

std::vector<WithheldLine> withheld_in(const Parts& parts, const Month& month)
{
    reconcile::Withheld withheld;
    parts.recorder.each(month.from_ms, month.to_ms, [&](const statistics::Detail& event) { withheld.add(event); });
    return std::move(withheld).lines();
}

/// Cents and less are kept; what floating point adds beyond them is not.
double rounded(double sum)
{
    return std::round(sum * 10'000) / 10'000;
}

json::array sums_shape(const Sums& sums)
{
    json::array out;
    for (const auto& [currency, sum] : sums)
        out.push_back({{"currency", currency}, {"sum", rounded(sum.sum)}, {"events", sum.events}});
    return out;
}

/// Whether all of the month is there to be added up: it is over, and nothing of it was deleted for its age.
bool is_complete(const Parts& parts, const Month& month)
{
    const auto now = now_ms();
    const auto retention = parts.policy.home().retention.value_or(parts.settings()->statistics.retention);
    const auto kept_ms = std::chrono::duration_cast<std::chrono::milliseconds>(retention).count();
    return month.to_ms <= now && now - kept_ms <= month.from_ms;
}

/// All lines of one site, or of all.
struct Total {
    std::uint64_t events = 0, purchases = 0;
    Sums sums; ///< of purchases
    reconcile::Kinds identifiers;

    void add(const WithheldLine& line)
    {
        events += line.events;
        reconcile::add_up(identifiers, line.identifiers);
        if (!line.is_purchase())
            return;
        purchases += line.events;
        reconcile::add_up(sums, line.sums);
    }
};

json::array names_of(const reconcile::Kinds& kinds)
{
    json::array out;
    for (const auto& [kind, events] : kinds)
        out.emplace_back(kind);
    return out;
}

json::array sites_shape(const std::map<std::string_view, Total>& by_site)
{
    std::vector<std::pair<std::string_view, const Total*>> sites;
    for (const auto& [name, total] : by_site)
        sites.emplace_back(name, &total);
    std::ranges::sort(sites, [](const auto& a, const auto& b) {
        return a.second->events != b.second->events ? a.second->events > b.second->events : a.first < b.first;
    });
    json::array out;
    for (const auto& [name, site] : sites) {
        if (out.size() == most_sites)
            break;
        out.push_back({{"site", name.empty() ? json::value(nullptr) : json::value(name)},
                       {"events", site->events},
                       {"purchases", site->purchases},
                       {"sums", sums_shape(site->sums)},
                       {"identifiers", names_of(site->identifiers)}});
    }
    return out;
}

/// By number, most first.
template <class Map>
json::array counted(std::string_view key, const Map& events_by_name)
{
    std::vector<std::pair<std::string_view, std::uint64_t>> all(events_by_name.begin(), events_by_name.end());
    std::ranges::sort(all, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    json::array out;
    for (const auto& [name, events] : all)
        out.push_back({{key, name}, {"events", events}});
    return out;
}

} // namespace

server::LocalReply get_withheld(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"month"});
    if (!query)
        return problem_reply(query.error());
    const auto month = month_in(*query);
    if (!month)
        return problem_reply(month.error());
    const auto lines = withheld_in(parts, *month);
    Total all;
    std::map<std::string_view, Total> sites;
    std::map<std::string_view, std::uint64_t> products;
    for (const auto& line : lines) {
        all.add(line);
        sites[line.site].add(line);
        products[activity::name_of(line.product)] += line.events;
    }
    return json_reply({{"month", month->name},
                       {"from", rfc3339(month->from_ms)},
                       {"to", rfc3339(month->to_ms)},
                       {"complete", is_complete(parts, *month)},
                       {"events", all.events},
                       {"purchases", {{"events", all.purchases}, {"sums", sums_shape(all.sums)}}},
                       {"identifiers", counted("kind", all.identifiers)},
                       {"products", counted("product", products)},
                       {"sites", sites_shape(sites)}});
}

/// A line for each site, product and event; where values came in several currencies, one for each of them.
server::LocalReply get_withheld_csv(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"month"});
    if (!query)
        return problem_reply(query.error());
    const auto month = month_in(*query);
    if (!month)
        return problem_reply(month.error());
    std::string out = "site,product,event,events,currency,sum,identifiers\r\n";
    for (const auto& line : withheld_in(parts, *month)) {
        const auto begin = csv_cell(json::value(line.site)) + "," + std::string(activity::name_of(line.product)) + "," +
                           csv_cell(json::value(line.name)) + ",";
        const auto end = "," + csv_cell(names_of(line.identifiers)) + "\r\n";
        auto without = line.events;
        for (const auto& [currency, sum] : line.sums) {
            out += begin + std::to_string(sum.events) + "," + csv_cell(json::value(currency)) + "," +
                   csv_cell(json::value(rounded(sum.sum))) + end;
            without -= std::min(without, sum.events);
        }
        if (without > 0)
            out += begin + std::to_string(without) + ",," + end;
    }
    auto reply = text_reply("text/csv; charset=utf-8; header=present", std::move(out));
    reply.fields.emplace_back("Content-Disposition",
                              "attachment; filename=\"paravent-withheld-" + month->name + ".csv\"");
    return reply;
}

} // namespace paravent::dashboard
