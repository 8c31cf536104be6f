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

namespace paravent::dashboard {
namespace {

namespace json = boost::json;
using reconcile::Sums;
using reconcile::Withheld;

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

Withheld withheld_in(const Parts& parts, const Month& month)
{
    Withheld withheld;
    parts.recorder.each(month.from_ms, month.to_ms, [&](const statistics::Detail& event) { withheld.add(event); });
    return withheld;
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

json::array sites_shape(const Withheld& withheld)
{
    std::vector<std::pair<std::string_view, const Withheld::Site*>> sites;
    for (const auto& [name, site] : withheld.sites)
        sites.emplace_back(name, &site);
    std::ranges::sort(sites, [](const auto& a, const auto& b) {
        return a.second->events != b.second->events ? a.second->events > b.second->events : a.first < b.first;
    });
    json::array out;
    for (const auto& [name, site] : sites)
        if (out.size() < most_sites)
            out.push_back({{"site", name.empty() ? json::value(nullptr) : json::value(name)},
                           {"events", site->events},
                           {"purchases", site->purchases},
                           {"sums", sums_shape(site->sums)},
                           {"identifiers", json::array(site->identifiers.begin(), site->identifiers.end())}});
    return out;
}

/// By number, most first.
json::array counted(std::string_view key, std::vector<std::pair<std::string_view, std::uint64_t>> all)
{
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
    const auto withheld = withheld_in(parts, *month);
    std::vector<std::pair<std::string_view, std::uint64_t>> products,
        kinds(withheld.identifiers.begin(), withheld.identifiers.end());
    for (std::size_t i = 0; i < activity::product_count; ++i)
        if (withheld.products[i] > 0)
            products.emplace_back(activity::name_of(static_cast<activity::Product>(i)), withheld.products[i]);
    return json_reply(
        {{"month", month->name},
         {"from", rfc3339(month->from_ms)},
         {"to", rfc3339(month->to_ms)},
         {"complete", is_complete(parts, *month)},
         {"events", withheld.events},
         {"purchases",
          {{"events", withheld.purchases_in_all.purchases}, {"sums", sums_shape(withheld.purchases_in_all.sums)}}},
         {"identifiers", counted("kind", std::move(kinds))},
         {"products", counted("product", std::move(products))},
         {"sites", sites_shape(withheld)}});
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
    for (const auto& [key, line] : withheld_in(parts, *month).lines) {
        const auto& [site, product, event] = key;
        const auto write = [&, &line = line](std::uint64_t events, const json::value& currency,
                                             const json::value& sum) {
            for (const auto& value : {json::value(site), json::value(activity::name_of(product)), json::value(event),
                                      json::value(events), currency, sum})
                out += (value.is_null() ? std::string{} : csv_cell(value)) + ",";
            out += csv_cell(json::array(line.identifiers.begin(), line.identifiers.end())) + "\r\n";
        };
        auto without = line.events;
        for (const auto& [currency, sum] : line.sums) {
            write(sum.events, json::value(currency), json::value(rounded(sum.sum)));
            without -= std::min(without, sum.events);
        }
        if (without > 0)
            write(without, nullptr, nullptr);
    }
    auto reply = text_reply("text/csv; charset=utf-8; header=present", std::move(out));
    reply.fields.emplace_back("Content-Disposition",
                              "attachment; filename=\"paravent-withheld-" + month->name + ".csv\"");
    return reply;
}

} // namespace paravent::dashboard
