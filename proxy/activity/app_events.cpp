#include "proxy/activity/app_events.hpp"

#include "proxy/activity/body.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/text.hpp"

#include <array>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;

/// What all events of one report share.
void read_app(const Fields& fields, Event& event, Secrets& secrets)
{
    add_advertiser_id(fields["advertiser_id"], event);
    secrets.add(fields["advertiser_id"]);
    for (const std::string_view kind : {"anon_id", "app_user_id", "device_token"})
        add_identifier(kind, fields[kind], event, secrets);
    for (const auto& [field, value] : fields.all())
        if (const auto kind = Fields::key_in("ud", field); !kind.empty())
            add_identifier(kind, value, event, secrets);
    event.limited_data_use = fields["data_processing_options"].find("LDU") != std::string_view::npos;
}

/// The user's data as JSON in one field.
void read_user_data(const JsonNode& object, Event& event, Secrets& secrets)
{
    for (const auto member : object)
        add_identifier(member.key(), member, event, secrets);
}

/// _valueToSum is money only with a currency or on a purchase; elsewhere it may be seconds.
void read_value(const JsonNode& item, Event& event)
{
    event.currency = clean_text(item["fb_currency"].text(), 8);
    double number = 0;
    if (read_number(item["_valueToSum"].text(), number) &&
        (!event.currency.empty() || event.name == "fb_mobile_purchase"))
        event.value = number;
}

void read_contents(const JsonNode& item, Event& event)
{
    const auto list = item["fb_content"];
    event.contents = list.is(Kind::string) ? contents_of(list.text()) : contents_of(list);
    if (!event.contents.empty())
        return;
    // One id, or a list of them written as JSON.
    const auto id = item["fb_content_id"];
    if (const auto text = id.text(); text.starts_with('['))
        event.contents = contents_of(text);
    else
        event.contents = contents_of(id);
}

void read_item(const JsonNode& item, const Secrets& secrets, Event& event)
{
    set_name(item["_eventName"].text(), secrets, event);
    read_value(item, event);
    read_contents(item, event);
    // The SDK writes down by itself when an app is opened, or bought in.
    const auto implicit = item["_implicitlyLogged"].text();
    event.automatic = implicit == "1" || implicit == "true";
    for (const auto member : item) {
        const auto key = member.key();
        // With "_" begin the SDK's own notes; only the screen that it names tells something about the person.
        const bool is_own = key.starts_with('_') && key != "_ui";
        if (!is_own && key != "fb_currency" && key != "fb_content" && key != "fb_content_id")
            add_custom(member, secrets, event);
    }
}

void read_list(std::string_view json, const Secrets& secrets, const Event& event, std::vector<Event>& events)
{
    if (json.empty())
        return;
    const auto tree = read_json(json);
    const auto add = [&](const JsonNode& item) {
        if (!item["_eventName"].text().empty() && events.size() < max_events)
            read_item(item, secrets, events.emplace_back(event));
    };
    if (tree.root().is(Kind::array))
        for (const auto item : tree.root())
            add(item);
    else
        add(tree.root());
}

} // namespace

std::vector<Event> app_events(const Fields& fields, const Mine* mine, Event&& event)
{
    constexpr JsonLimits few{.nodes = 1024, .text = max_field_bytes};
    add_fact("app", fields["application_package_name"], event);
    const auto extinfo = read_json(fields["extinfo"], few);
    add_extinfo(extinfo.root(), event);
    Secrets secrets(mine);
    read_app(fields, event, secrets);
    const auto user_data = read_json(fields["ud"], few);
    read_user_data(user_data.root(), event, secrets);

    std::vector<Event> events;
    for (const auto* list : {"custom_events", "custom_events_file"})
        read_list(fields[list], secrets, event, events);
    if (events.empty()) {
        set_name(fields["event"], secrets, event);
        events.push_back(std::move(event));
    }
    return events;
}

void read_audience_network(const Fields& fields, Event& event)
{
    Fields all = fields;
    if (const auto payload = fields["payload"]; !payload.empty()) {
        const auto tree = read_json(payload);
        add_fields(tree.root(), all);
    }
    for (const auto& [name, value] : fields.all()) // a payload that was JSON in JSON
        if (const auto key = Fields::key_in("payload", name); !key.empty())
            all.add(std::string{key}, value);

    using Fact = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Fact, 4> facts = {
        {{"app", "BUNDLE"}, {"os", "OSVERS"}, {"model", "MODEL"}, {"carrier", "CARRIER"}}};
    for (const auto& [fact, field] : facts)
        add_fact(fact, all[field], event);
    add_advertiser_id(all["IDFA"], event);
}

} // namespace paravent::activity
