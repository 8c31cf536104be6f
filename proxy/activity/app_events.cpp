#include "proxy/activity/app_events.hpp"

#include "proxy/activity/body.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

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
    set_currency(item["fb_currency"].text(), event);
    double number = 0;
    if (read_number(item["_valueToSum"].text(), number) &&
        (!event.currency.empty() || event.name == "fb_mobile_purchase"))
        event.value = number;
}

void read_contents(const JsonNode& item, const Secrets& secrets, Event& event)
{
    // Each is a list, a single one, or either of them written as JSON.
    for (const auto* key : {"fb_content", "fb_content_id"}) {
        const auto list = item[key];
        const bool is_json =
            list.is(Kind::string) && (key == std::string_view{"fb_content"} || list.text().starts_with('['));
        if (is_json)
            set_contents(list.text(), secrets, event);
        else
            set_contents(list, secrets, event);
        if (!event.contents.empty())
            return;
    }
}

void read_item(const JsonNode& item, const Secrets& secrets, Event& event)
{
    set_name(item["_eventName"].text(), secrets, event);
    read_value(item, event);
    read_contents(item, secrets, event);
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

void read_list(std::string_view json, const Secrets& secrets, Event& event, std::vector<Event>& events)
{
    if (json.empty())
        return;
    const auto tree = read_json(json);
    event.body_cut = event.body_cut || !tree.whole();
    const auto add = [&](const JsonNode& item) {
        if (item["_eventName"].text().empty())
            return;
        if (events.size() < max_events)
            read_item(item, secrets, events.emplace_back(event));
        else
            event.body_cut = true;
    };
    if (tree.root().is(Kind::array))
        for (const auto item : tree.root())
            add(item);
    else
        add(tree.root());
}

/// A field, in whatever object it stands: "MODEL", "context[MODEL]".
std::string_view told(std::string_view name, const Fields& fields)
{
    if (const auto value = fields[name]; !value.empty())
        return value;
    const auto ending = "[" + std::string{name} + "]";
    for (const auto& [field, value] : fields.all())
        if (field.ends_with(ending) && !value.empty())
            return value;
    return {};
}

} // namespace

std::vector<Event> app_events(const Fields& fields, const Secrets& known, Event&& event)
{
    event.body_cut = event.body_cut || fields.cut();
    constexpr JsonLimits few{.nodes = 1024, .text = max_field_bytes};
    add_fact("app", fields["application_package_name"], event);
    const auto extinfo = read_json(fields["extinfo"], few);
    add_extinfo(extinfo.root(), event);
    auto secrets = known;
    read_app(fields, event, secrets);
    const auto user_data = read_json(fields["ud"], few);
    read_user_data(user_data.root(), event, secrets);
    guard_page(secrets, event);

    std::vector<Event> events;
    for (const auto* list : {"custom_events", "custom_events_file"})
        read_list(fields[list], secrets, event, events);
    for (auto& one : events) // a later list may have been cut
        one.body_cut = one.body_cut || event.body_cut;
    if (events.empty()) {
        set_name(fields["event"], secrets, event);
        events.push_back(std::move(event));
    }
    return events;
}

void read_audience_network(const Fields& fields, Event& event)
{
    // JSON stands in `payload`, and in it again in `context`; each is opened as it comes.
    constexpr unsigned most_opened = 8;
    Fields all = fields;
    unsigned opened = 0;
    for (std::size_t i = 0; i < all.all().size() && opened < most_opened; ++i)
        if (trimmed(all.all()[i].second).starts_with('{')) {
            ++opened;
            const auto json = all.all()[i].second; // what is added moves the others
            add_json_fields(json, all);
        }
    event.body_cut = event.body_cut || all.cut();

    using Fact = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Fact, 4> facts = {
        {{"app", "BUNDLE"}, {"os", "OSVERS"}, {"model", "MODEL"}, {"carrier", "CARRIER"}}};
    for (const auto& [fact, field] : facts)
        add_fact(fact, told(field, all), event);
    add_advertiser_id(told("IDFA", all), event);
}

} // namespace paravent::activity
