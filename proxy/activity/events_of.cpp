#include "proxy/activity/event.hpp"

#include "proxy/activity/app_events.hpp"
#include "proxy/activity/batch.hpp"
#include "proxy/activity/body.hpp"
#include "proxy/activity/conversions.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/pixel.hpp"
#include "proxy/activity/product.hpp"
#include "proxy/activity/text.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

namespace paravent::activity {
namespace {

/// Not by an initializer list, which would copy it.
std::vector<Event> only(Event&& event)
{
    std::vector<Event> events;
    events.push_back(std::move(event));
    return events;
}

/// The events of one request to the Graph API, or of a batch's part. `fields`: those of the query already.
std::vector<Event> graph_events(std::string_view path, Fields&& fields, const Body& body, const Secrets& known,
                                Event&& event)
{
    const auto [node, edge] = graph_path(path);
    if (is_account(node))
        event.account = std::string{node};
    if (event.product == Product::conversions && form_of(body) == BodyForm::json) {
        if (auto events = conversion_events(body.bytes, known, event); !events.empty())
            return events;
    } else if (event.product != Product::login && event.product != Product::other) // what is typed there is no event
        add_fields(body, fields);
    event.body_cut = event.body_cut || fields.cut();
    if (const auto client = fields["client_id"]; event.account.empty() && is_account(client))
        event.account = std::string{client};

    if (event.product == Product::app_events && edge == "activities")
        return app_events(fields, known, std::move(event));
    if (event.product == Product::audience_network)
        read_audience_network(fields, event);
    if (event.product == Product::conversions) {
        if (auto events = conversion_events(fields, known, event); !events.empty())
            return events;
        set_name(fields["event_name"], known, event);
    }
    return only(std::move(event));
}

/// A part's file, which stands in the form beside the batch, is what the field custom_events_file is elsewhere.
void add_attached(const BatchPart& part, const Fields& form, Fields& fields)
{
    if (part.attached_files.empty())
        return;
    if (const auto text = form[part.attached_files.front()]; !text.empty())
        fields.add("custom_events_file", std::string{text});
}

/// Each part names its own path. Parts that tell Meta nothing about anybody (logins, the app's own requests) are left
/// out; of a batch that has no others, one event says what it was.
std::vector<PartEvents> batch_events(const Seen& seen, const Batch& batch, const Secrets& known, Event&& event)
{
    event.body_cut = event.body_cut || !batch.whole;
    Fields form;
    if (std::any_of(batch.parts.begin(), batch.parts.end(), [](const auto& p) { return !p.attached_files.empty(); }))
        add_fields({seen.body, seen.content_type, seen.body_cut}, form);
    event.body_cut = event.body_cut || form.cut();
    std::vector<PartEvents> told;
    std::size_t count = 0;
    bool login = false;
    for (const auto& part : batch.parts) {
        auto one = event;
        one.product = product_on_graph(part.path, part.query, part.category, graph_call(part.method, part.query));
        login = login || one.product == Product::login;
        const bool tells =
            one.product != Product::login && one.product != Product::other && !graph_path(part.path).node.empty();
        if (!tells && !part.stopped)
            continue;
        Fields fields{part.query};
        add_attached(part, form, fields);
        auto events = graph_events(part.path, std::move(fields), {part.body, {}, false}, known, std::move(one));
        const bool too_many = events.size() > max_events - count;
        events.resize(std::min(events.size(), max_events - count));
        count += events.size();
        if (!events.empty())
            told.push_back({part.index, std::move(events)});
        if (too_many) {
            told.back().events.back().body_cut = true;
            break;
        }
    }
    if (told.empty()) {
        if (batch.whole && !batch.parts.empty())
            event.product = login ? Product::login : Product::other;
        told.push_back({std::nullopt, only(std::move(event))});
    }
    return told;
}

/// The account's number, which the browser of somebody who is logged in to Facebook sends along where it is let.
std::string_view account_of_cookies(std::string_view cookies) noexcept
{
    constexpr std::string_view account = "c_user=";
    for (auto rest = cookies; !rest.empty();) {
        auto pair = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        if (pair.starts_with(account))
            return pair.substr(account.size());
    }
    return {};
}

/// A gateway takes the events of one pixel from its pages.
std::vector<Event> gateway_events(const Body& body, const Secrets& known, Event&& event)
{
    std::vector<Event> events;
    if (form_of(body) == BodyForm::json)
        events = conversion_events(body.bytes, known, event);
    else {
        Fields fields;
        add_fields(body, fields);
        event.body_cut = event.body_cut || fields.cut();
        events = conversion_events(fields, known, event);
    }
    return events.empty() ? only(std::move(event)) : events;
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

/// The pixel, event and millisecond, which a copy repeats.
std::uint64_t twin_of(const Fields& fields, std::string_view path)
{
    if (fields["id"].empty() || fields["ev"].empty() || fields["ts"].empty())
        return 0;
    std::string told;
    for (const std::string_view name : {"id", "ev", "ts"})
        told.append(fields[name]).append("\n");
    const bool copy = path.starts_with("/privacy_sandbox/");
    return (std::uint64_t{std::hash<std::string>{}(told)} << 1) | (copy ? 1 : 0);
}

/// What every request shows: where it goes, which page asked, and who is logged in.
Secrets read_address(const Seen& seen, Event& event)
{
    event.destination = seen.host;
    event.seen_full = seen.full;
    event.body_cut = seen.body_cut || seen.url.size() > max_field_bytes || seen.body.size() > max_body_bytes;
    event.product = product_of(seen);
    Secrets known(seen.mine);
    known.add(account_of_cookies(seen.cookies));
    if (!seen.page.empty()) {
        set_page(seen.page, event);
        guard_page(known, event);
    }
    return known;
}

} // namespace

std::optional<Glance> glance_at(const Seen& seen)
{
    if (!seen.full)
        return Glance{product_of_host(seen.host, seen.category), {}};
    const auto product = product_of(seen);
    const bool tells_more = product == Product::pixel || product == Product::conversions ||
                            seen.host == "graph.facebook.com" || (product == Product::other && !is_meta(seen.host));
    if (tells_more && !is_preflight(seen))
        return std::nullopt;
    if (seen.page.empty())
        return Glance{product, {}};
    Event event;
    set_page(seen.page.substr(0, max_field_bytes), event);
    return Glance{product, std::move(event.site)};
}

std::vector<PartEvents> events_of(const Seen& seen, const Batch& batch)
{
    Event event;
    const auto known = read_address(seen, event);
    return batch_events(seen, batch, known, std::move(event));
}

std::vector<Event> events_of(const Seen& seen)
{
    std::vector<Event> events(1); // most are one, and made where they stay
    Event& event = events.front();
    if (!seen.full) {
        event.destination = seen.host;
        event.product = product_of_host(seen.host, seen.category);
        return events;
    }

    const auto parts = parts_of(seen.url.substr(0, max_field_bytes));
    auto secrets = read_address(seen, event);
    if (is_preflight(seen))
        return events;
    const Body body{seen.body.substr(0, max_body_bytes), seen.content_type,
                    seen.body_cut || seen.body.size() > max_body_bytes};
    if (seen.host == "graph.facebook.com") {
        const auto batch = batch_of(seen);
        if (!batch)
            return graph_events(parts.path, Fields{parts.query}, body, secrets, std::move(event));
        std::vector<Event> all;
        for (auto& part : batch_events(seen, *batch, secrets, std::move(event)))
            std::move(part.events.begin(), part.events.end(), std::back_inserter(all));
        return all;
    }
    if (event.product == Product::conversions) {
        event.account = account_in(parts);
        return gateway_events(body, secrets, std::move(event));
    }
    if (event.product == Product::pixel) {
        Fields fields{parts.query};
        add_fields(body, fields);
        read_pixel(fields, secrets, event);
        event.twin = twin_of(fields, parts.path);
    } else if (event.product != Product::other || seen.host.ends_with("atdmt.com")) // elsewhere a person's
        event.account = account_in(parts);
    if (event.product == Product::audience_network) {
        Fields fields{parts.query};
        add_fields(body, fields);
        read_audience_network(fields, event);
    }
    if (event.product == Product::pixel || event.product == Product::social_plugin)
        add_identifier("c_user", account_of_cookies(seen.cookies), event);
    return events;
}

bool concerns_meta(const Seen& seen) noexcept
{
    if (is_meta(seen.host) || product_of_host(seen.host) != Product::other)
        return true;
    const auto parts = parts_of(seen.url.substr(0, max_field_bytes));
    return product_taken_for_meta(parts.path, parts.query).has_value();
}

} // namespace paravent::activity
