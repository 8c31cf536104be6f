// What a person asks first: what did they want to know about us today?
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
/// An ordinary home has some thousand events a day; of a busier one the newest are looked through.
constexpr auto longest_look = std::chrono::milliseconds{80};
constexpr std::string_view loader_host = "connect.facebook.net";

/// How much an event told: what was bought, who it was, and what the site makes of it. Only for putting them in order.
double strength(const activity::Event& event)
{
    static constexpr std::pair<std::string_view, double> names[] = {
        {"Purchase", 6},
        {"fb_mobile_purchase", 6},
        {"Donate", 6},
        {"Lead", 5},
        {"Contact", 5},
        {"Schedule", 5},
        {"SubmitApplication", 5},
        {"CompleteRegistration", 5},
        {"Subscribe", 5},
        {"StartTrial", 5},
        {"AddPaymentInfo", 4},
        {"InitiateCheckout", 3},
        {"Search", 3},
        {"AddToCart", 3},
        {"AddToWishlist", 3},
        {"ViewContent", 2},
    };
    if (!event.seen_full)
        return 0;
    const auto* known = std::ranges::find(names, std::string_view(event.name), [](const auto& n) { return n.first; });
    double sum = known != std::end(names) ? known->second : event.name.empty() ? 0 : 1;
    sum += event.value && *event.value > 0 ? 2 : 0;
    sum += static_cast<double>(event.mine.size()) * 4;
    for (const auto& kind : event.identifiers)
        sum += kind == "em" || kind == "ph" || kind == "c_user" ? 3 : 1;
    return sum;
}

struct Found {
    std::optional<activity::Event> strongest;
    double strength = 0;
    std::map<std::string, std::int64_t> loader_stopped; ///< device -> when, latest
};

void look_at(activity::Event& event, Found& found)
{
    if (event.destination == loader_host && event.verdict == rules::Action::block)
        found.loader_stopped.emplace(event.device, event.time_ms); // newest first
    if (const auto told = strength(event); told > found.strength) {
        found.strength = told;
        found.strongest = std::move(event);
    }
}

Found look_through(const statistics::Recorder& recorder, std::int64_t from_ms, std::int64_t to_ms)
{
    const auto deadline = std::chrono::steady_clock::now() + longest_look;
    statistics::EventQuery query;
    query.from_ms = from_ms;
    query.to_ms = to_ms;
    query.limit = 1000;
    Found found;
    do {
        auto page = recorder.events(query);
        for (auto& event : page.items)
            look_at(event, found);
        query.before = page.next;
    } while (query.before && std::chrono::steady_clock::now() < deadline);
    return found;
}

/// Devices whose sign-in with Facebook may fail, as their owner did not say that they use it.
json::array login_hints(const Parts& parts, const Found& found)
{
    json::array out;
    for (const auto& device : parts.policy.devices())
        if (const auto stopped = found.loader_stopped.find(device.id);
            stopped != found.loader_stopped.end() && !device.facebook_login)
            out.push_back(
                {{"device", device.id}, {"name", text_or_null(device.name)}, {"time", rfc3339(stopped->second)}});
    return out;
}

} // namespace

server::LocalReply get_today(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"from", "to"});
    if (!query)
        return problem_reply(query.error());
    auto asked = stats_query(*query);
    if (!asked)
        return problem_reply(asked.error());
    const auto to = asked->to_ms.value_or(now_ms());
    const auto from = asked->from_ms.value_or(to - day_ms);
    asked->from_ms = from;
    asked->to_ms = to;
    asked->by = statistics::By::site;
    const auto stats = parts.recorder.stats(*asked);
    statistics::Counts told, unseen;
    for (const auto& row : stats.rows) {
        told += row.counts;
        if (activity::is_meta(row.key)) // by its destination, as nobody saw which page asked
            unseen += row.counts;
    }
    const auto found = look_through(parts.recorder, from, to);
    return json_reply({{"from", rfc3339(from)},
                       {"to", rfc3339(to)},
                       {"counts", shape(stats.total)},
                       {"unseen_sites", unseen.requests},
                       {"events", told.requests},
                       {"strongest", found.strongest ? json::value(shape(*found.strongest)) : json::value(nullptr)},
                       {"login_hints", login_hints(parts, found)}});
}

} // namespace paravent::dashboard
