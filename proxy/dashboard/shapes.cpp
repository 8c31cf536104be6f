#include "proxy/dashboard/shapes.hpp"

#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

json::value time_or_null(std::optional<std::int64_t> ms)
{
    return ms && *ms > 0 ? json::value(rfc3339(*ms)) : json::value(nullptr);
}

json::array strings(const std::vector<std::string>& list)
{
    json::array out;
    for (const auto& text : list)
        out.emplace_back(text);
    return out;
}

/// Empty texts are left out of an event.
void put(json::object& out, std::string_view key, const std::string& text)
{
    if (!text.empty())
        out[key] = text;
}

json::array contents_of(const std::vector<activity::Content>& contents)
{
    json::array out;
    for (const auto& content : contents) {
        json::object one;
        put(one, "id", content.id);
        if (content.quantity)
            one["quantity"] = *content.quantity;
        if (content.item_price)
            one["item_price"] = *content.item_price;
        out.push_back(std::move(one));
    }
    return out;
}

json::object pairs(const std::vector<std::pair<std::string, std::string>>& list)
{
    json::object out;
    for (const auto& [key, value] : list)
        out[key] = key == "advertiser_id" && value == "true" ? json::value(true) : json::value(value);
    return out;
}

std::string_view name_of(policy::Device::Trust trust) noexcept
{
    switch (trust) {
    case policy::Device::Trust::yes:
        return "yes";
    case policy::Device::Trust::no:
        return "no";
    case policy::Device::Trust::unknown:
        break;
    }
    return "unknown";
}

} // namespace

json::value text_or_null(const std::string& text)
{
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object shape(const activity::Event& event)
{
    json::object out{{"id", event.id}, {"time", rfc3339(event.time_ms)}};
    put(out, "device", event.device);
    put(out, "address", event.address);
    put(out, "site", event.site);
    put(out, "page", event.page);
    put(out, "destination", event.destination);
    out["product"] = activity::name_of(event.product);
    put(out, "account", event.account);
    put(out, "name", event.name);
    out["automatic"] = event.automatic;
    if (event.value)
        out["value"] = *event.value;
    put(out, "currency", event.currency);
    if (!event.contents.empty())
        out["contents"] = contents_of(event.contents);
    if (!event.custom.empty())
        out["custom"] = pairs(event.custom);
    if (!event.identifiers.empty())
        out["identifiers"] = strings(event.identifiers);
    if (!event.device_facts.empty())
        out["device_facts"] = pairs(event.device_facts);
    out["event_id"] = event.event_id;
    out["limited_data_use"] = event.limited_data_use;
    out["verdict"] = rules::name_of(event.verdict);
    put(out, "rule", event.rule);
    out["seen"] = event.seen_full ? "full" : "host";
    if (event.body_cut)
        out["body_cut"] = true;
    if (!event.mine.empty())
        out["mine"] = strings(event.mine);
    return out;
}

json::object shape(const policy::Device& device)
{
    return {{"id", device.id},
            {"name", text_or_null(device.name)},
            {"addresses", strings(device.addresses)},
            {"mac", text_or_null(device.mac)},
            {"profile", config::name_of(device.profile)},
            {"intercept", device.intercept},
            {"meta_apps", device.meta_apps},
            {"facebook_login", device.facebook_login},
            {"browsers_only", device.browsers_only},
            {"privacy", config::name_of(device.privacy)},
            {"paused_until", time_or_null(device.paused_until_ms)},
            {"trust", name_of(device.trust)},
            {"last_seen", time_or_null(device.last_seen_ms)}};
}

json::object shape(const policy::Exception& exception)
{
    return {{"id", exception.id},
            {"site", exception.site},
            {"device", text_or_null(exception.device)},
            {"until", time_or_null(exception.until_ms)},
            {"verdict", rules::name_of(exception.verdict)}};
}

json::object shape(const tls::Bypass& bypass)
{
    return {{"id", bypass.id},
            {"device", bypass.device},
            {"host", bypass.host},
            {"reason", tls::name_of(bypass.reason)},
            {"since", rfc3339(bypass.since_ms)},
            {"until", rfc3339(bypass.until_ms)}};
}

json::object shape(const ListRow& list)
{
    json::object skipped;
    for (const auto& [reason, count] : list.skipped_by)
        skipped[reason] = count;
    return {{"name", list.name},
            {"source", list.source},
            {"category", list.category},
            {"enabled", list.enabled},
            {"rules", list.rules},
            {"skipped", list.skipped},
            {"skipped_by", std::move(skipped)},
            {"hits", list.hits},
            {"updated", time_or_null(list.updated_ms)},
            {"checked", time_or_null(list.checked_ms)},
            {"error", text_or_null(list.error)}};
}

json::object shape(const statistics::Counts& counts)
{
    return {{"requests", counts.requests},
            {"allow", counts.allow},
            {"log", counts.log},
            {"block", counts.block},
            {"answer", counts.answer}};
}

json::object shape(const statistics::Stats& stats)
{
    json::array rows;
    for (const auto& row : stats.rows) {
        json::object one{{"key", row.key}};
        for (auto& [key, value] : shape(row.counts))
            one[key] = value;
        rows.push_back(std::move(one));
    }
    return {{"from", rfc3339(stats.from_ms)},
            {"to", rfc3339(stats.to_ms)},
            {"by", statistics::name_of(stats.by)},
            {"total", shape(stats.total)},
            {"rows", std::move(rows)}};
}

json::object page_of(json::array items, json::value next)
{
    return {{"items", std::move(items)}, {"next", std::move(next)}};
}

} // namespace paravent::dashboard
