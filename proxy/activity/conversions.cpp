#include "proxy/activity/conversions.hpp"

#include "proxy/activity/facts.hpp"
#include "proxy/activity/text.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;

void read_identifiers(const JsonNode& object, Event& event, Secrets& secrets)
{
    for (const auto member : object)
        add_identifier(member.key(), member, event, secrets);
}

/// Limited Data Use is asked for by ["LDU"]; an empty list means that it is not (d).
bool is_limited(const JsonNode& options) noexcept
{
    if (options.is(Kind::string))
        return options.text().find("LDU") != std::string_view::npos;
    for (const auto option : options)
        if (option.text() == "LDU")
            return true;
    return false;
}

void read_event(const JsonNode& node, Secrets secrets, Event& event)
{
    read_identifiers(node["user_data"], event, secrets);
    read_identifiers(node["fb.advanced_matching"], event, secrets);
    add_identifier("fbp", node["fb.fbp"], event, secrets);
    add_identifier("fbc", node["fb.fbc"], event, secrets);
    add_identifier("fbc", node["fb.clickID"], event, secrets);

    set_name(node["event_name"].text(), secrets, event);
    for (const auto* key : {"fb.pixel_id", "pixel_id"})
        if (const auto id = node[key].text(); event.account.empty() && is_account(id))
            event.account = std::string{id};
    for (const auto page : {node["event_source_url"].text(), node["website_context"]["location"].text()})
        if (!page.empty())
            set_page(page, event);
    guard_page(secrets, event);

    for (const auto member : node["custom_data"])
        add_custom(member, secrets, event);
    event.event_id = !node["event_id"].text().empty();
    event.limited_data_use = is_limited(node["data_processing_options"]);
    // Events of an app tell the device as app events do.
    const auto extinfo = node["app_data"]["extinfo"];
    if (extinfo.is(Kind::array))
        add_extinfo(extinfo, event);
    else if (extinfo.is(Kind::string))
        add_extinfo(read_json(extinfo.text(), {.nodes = 64, .text = 4096}).root(), event);
}

/// The events of a text's root or, in it, of `data`.
std::vector<Event> events_in(const JsonNode& root, const Secrets& known, Event& event) // NOLINT(misc-no-recursion)
{
    std::vector<Event> events;
    bool more = false;
    const auto add = [&](const JsonNode& node) {
        if (!node.is(Kind::object))
            return;
        if (events.size() < max_events)
            read_event(node, known, events.emplace_back(event));
        else
            more = true;
    };
    const auto list = root.is(Kind::array) ? root : root["data"];
    if (list.is(Kind::array)) {
        std::size_t count = 0;
        for (const auto node : list)
            count += node.is(Kind::object) ? 1 : 0;
        events.reserve(std::min(count, max_events));
        for (const auto node : list)
            add(node);
    } else if (list.is(Kind::string))
        return conversion_events(list.text(), known, event);
    else if (list.is(Kind::object))
        add(list);
    else if (root["event_name"])
        add(root);
    for (auto& one : events)
        one.body_cut = one.body_cut || more;
    return events;
}

} // namespace

// NOLINTNEXTLINE(misc-no-recursion) a list that is text in JSON; each level halves it at least
std::vector<Event> conversion_events(std::string_view json, const Secrets& known, Event& event)
{
    const auto tree = read_json(json);
    event.body_cut = event.body_cut || !tree.whole();
    return events_in(tree.root(), known, event);
}

std::vector<Event> conversion_events(const Fields& fields, const Secrets& known, Event& event)
{
    if (const auto data = fields["data"]; !data.empty())
        return conversion_events(data, known, event);
    return {};
}

} // namespace paravent::activity
