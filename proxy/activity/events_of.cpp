#include "proxy/activity/event.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_list.hpp"
#include "proxy/activity/pixel.hpp"
#include "proxy/activity/product.hpp"
#include "proxy/activity/text.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <array>

namespace paravent::activity {
namespace {

/// Not by an initializer list, which would copy it.
std::vector<Event> only(Event&& event)
{
    std::vector<Event> events;
    events.push_back(std::move(event));
    return events;
}

bool is_zeros(std::string_view id) noexcept
{
    return std::all_of(id.begin(), id.end(), [](char c) { return c == '0' || c == '-'; });
}

void add_fact(std::string_view key, std::string_view value, Event& event)
{
    if (auto text = clean_text(value, 64); !text.empty())
        event.device_facts.emplace_back(key, std::move(text));
}

/// extinfo: a list in a fixed order (meta-reference.md section 3), often cut short.
void read_extinfo(std::string_view json, Event& event)
{
    const auto items = read_json_list(json);
    const auto at = [&](std::size_t i) { return i < items.size() ? member(items[i], "") : std::string_view{}; };
    add_fact("os", at(4), event);
    add_fact("model", at(5), event);
    add_fact("carrier", at(8), event);
}

/// What all events of one report of an app share.
void read_app(const Fields& fields, Event& event)
{
    add_fact("app", fields["application_package_name"], event);
    read_extinfo(fields["extinfo"], event);
    if (const auto id = fields["advertiser_id"]; !id.empty() && !is_zeros(id)) {
        event.device_facts.emplace_back("advertiser_id", "true");
        add_identifier("madid", id, event);
    }
    for (const std::string_view kind : {"anon_id", "app_user_id"})
        add_identifier(kind, fields[kind], event);
    for (const auto& [field, value] : fields.all())
        if (const auto kind = Fields::key_in("ud", field); !kind.empty())
            add_identifier(kind, value, event);
    if (const auto ud = read_json_list(fields["ud"]); !ud.empty())
        for (const auto& [kind, value] : ud.front())
            add_identifier(kind, value, event);
}

/// _valueToSum is money only with a currency or on a purchase; elsewhere it may be seconds.
void read_app_value(const JsonItem& item, Event& event)
{
    event.currency = clean_text(member(item, "fb_currency"), 8);
    double number = 0;
    if (read_number(member(item, "_valueToSum"), number) &&
        (!event.currency.empty() || event.name == "fb_mobile_purchase"))
        event.value = number;
}

std::vector<Event> app_events(const Fields& fields, Event&& event)
{
    read_app(fields, event);
    std::vector<Event> events;
    for (const auto& item : read_json_list(fields["custom_events"])) {
        const auto name = member(item, "_eventName");
        if (name.empty())
            continue;
        auto& one = events.emplace_back(event);
        one.name = clean_text(name, 64);
        read_app_value(item, one);
    }
    if (events.empty()) {
        event.name = clean_text(fields["event"], 64);
        events.push_back(std::move(event));
    }
    return events;
}

std::vector<Event> graph_events(std::string_view path, std::string_view query, Event&& event)
{
    const auto [node, edge] = graph_path(path);
    const Fields fields{query};
    if (is_account(node))
        event.account = std::string{node};
    else if (const auto client = fields["client_id"]; is_account(client))
        event.account = std::string{client};
    if (event.product == Product::app_events && edge == "activities")
        return app_events(fields, std::move(event));
    if (event.product == Product::conversions)
        event.name = clean_text(fields["event_name"], 64);
    return only(std::move(event));
}

/// A batch in the URL: each entry names its own path, `relative_url`. Entries that Meta gets nothing told by are left
/// out.
std::vector<Event> batch_events(std::string_view host, std::string_view json, const Event& event)
{
    std::vector<Event> events;
    for (const auto& entry : read_json_list(json)) {
        const auto relative = parts_of(member(entry, "relative_url"));
        // Without a scheme the first label is taken for a host: put the path together again.
        std::string path = "/" + std::string{relative.host} + std::string{relative.path};
        path.erase(0, path.starts_with("//") ? 1 : 0);
        auto one = event;
        one.product = product_of(host, path, {});
        std::string fields{relative.query};
        if (const auto body = member(entry, "body"); !body.empty())
            fields.append("&").append(body);
        for (auto& e : graph_events(path, fields, std::move(one)))
            if (events.size() < max_json_items && e.product != Product::login && e.product != Product::other)
                events.push_back(std::move(e));
    }
    return events;
}

/// The app's or pixel's number, where the address of a loader, plug-in, login or SDK has it.
std::string account_in(const UrlParts& parts)
{
    constexpr std::string_view config = "/signals/config/";
    if (parts.path.starts_with(config)) {
        const auto rest = parts.path.substr(config.size());
        if (const auto id = rest.substr(0, rest.find('/')); is_account(id))
            return std::string{id};
    }
    if (parts.query.empty())
        return {};
    const Fields fields{parts.query};
    constexpr std::array<std::string_view, 6> names{"app_id", "appId", "client_id", "api_key", "placement_id", "id"};
    for (const auto name : names)
        if (const auto id = fields[name]; is_account(id))
            return std::string{id};
    return {};
}

} // namespace

std::optional<Glance> glance_at(const Seen& seen)
{
    if (!seen.full)
        return Glance{product_of_host(seen.host), {}};
    const auto path = parts_of(seen.url.substr(0, max_field_bytes)).path;
    const auto product = product_of(seen.host, path.empty() ? "/" : path, seen.category);
    if (product == Product::pixel || seen.host == "graph.facebook.com")
        return std::nullopt;
    if (seen.page.empty())
        return Glance{product, {}};
    Event event;
    set_page(seen.page.substr(0, max_field_bytes), event);
    return Glance{product, std::move(event.site)};
}

std::vector<Event> events_of(const Seen& seen)
{
    std::vector<Event> events(1); // most are one, and made where they stay
    Event& event = events.front();
    event.destination = seen.host;
    event.seen_full = seen.full;
    if (!seen.full) {
        event.product = product_of_host(seen.host);
        return events;
    }

    const auto parts = parts_of(seen.url.substr(0, max_field_bytes));
    event.product = product_of(seen.host, parts.path.empty() ? "/" : parts.path, seen.category);
    if (!seen.page.empty())
        set_page(seen.page.substr(0, max_field_bytes), event);

    if (seen.host == "graph.facebook.com") {
        if (const auto path = graph_path(parts.path); path.node.empty()) {
            const Fields fields{parts.query};
            if (auto batch = batch_events(seen.host, fields["batch"], event); !batch.empty())
                return batch;
        }
        return graph_events(parts.path, parts.query, std::move(event));
    }
    if (event.product == Product::pixel)
        read_pixel(Fields{parts.query}, event);
    else
        event.account = account_in(parts);
    return events;
}

} // namespace paravent::activity
