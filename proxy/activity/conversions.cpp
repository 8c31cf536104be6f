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

void read_event(const JsonNode& node, const Mine* mine, Event& event)
{
    Secrets secrets(mine);
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

} // namespace

std::vector<Event> conversion_events(const JsonNode& root, const Mine* mine, const Event& event)
{
    std::vector<Event> events;
    const auto add = [&](const JsonNode& node) {
        if (node.is(Kind::object) && events.size() < max_events)
            read_event(node, mine, events.emplace_back(event));
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
        return conversion_events(read_json(list.text()).root(), mine, event);
    else if (list.is(Kind::object))
        add(list);
    else if (root["event_name"])
        add(root);
    return events;
}

std::vector<Event> conversion_events(const Fields& fields, const Mine* mine, const Event& event)
{
    if (const auto data = fields["data"]; !data.empty()) {
        const auto tree = read_json(data);
        return conversion_events(tree.root(), mine, event);
    }
    return {};
}

} // namespace paravent::activity
