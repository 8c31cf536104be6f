#include "proxy/activity/contents.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/activity/identifying.hpp"
#include "proxy/activity/text.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;

Content content_of(const JsonNode& node)
{
    Content content;
    const auto id = node.is_scalar() ? node.text() : node["id"].text();
    if (!identifies(id))
        content.id = clean_text(id, 64);
    double number = 0;
    if (read_number(node["quantity"].text(), number))
        content.quantity = number;
    if (read_number(node["item_price"].text(), number))
        content.item_price = number;
    return content;
}

std::vector<Content> contents_in(std::string_view json)
{
    // Of more than 64 contents with all their keys nobody keeps anything.
    constexpr JsonLimits limits{.nodes = 64 * max_contents, .text = max_field_bytes};
    const auto tree = read_json(json, limits);
    return contents_in(tree.root());
}

/// content_ids that are no JSON: one id, or several with commas between them.
std::vector<Content> bare_ids(std::string_view text)
{
    std::vector<Content> contents;
    while (!text.empty() && contents.size() <= max_contents) {
        const auto end = std::min(text.find(','), text.size());
        if (const auto id = text.substr(0, end); !identifies(id))
            if (auto clean = clean_text(id, 64); !clean.empty())
                contents.push_back({std::move(clean), {}, {}});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return contents;
}

} // namespace

std::vector<Content> contents_in(const JsonNode& list)
{
    std::vector<Content> contents;
    const auto add = [&](const JsonNode& node) {
        if (!node.whole() || node.is(Kind::array) || contents.size() > max_contents)
            return;
        if (auto content = content_of(node); !content.id.empty() || content.quantity || content.item_price)
            contents.push_back(std::move(content));
    };
    if (list.is(Kind::array))
        for (const auto node : list)
            add(node);
    else
        add(list);
    return contents;
}

std::vector<Content> contents_of(std::string_view json)
{
    auto contents = contents_in(json);
    contents.resize(std::min(contents.size(), max_contents));
    return contents;
}

void set_contents(std::vector<Content> contents, const Secrets& secrets, Event& event)
{
    if (contents.size() > max_contents) {
        contents.resize(max_contents);
        event.body_cut = true;
    }
    std::erase_if(contents, [&](const Content& content) { return secrets.in(content.id); });
    if (!contents.empty())
        event.contents = std::move(contents);
}

void set_contents(const JsonNode& list, const Secrets& secrets, Event& event)
{
    set_contents(contents_in(list), secrets, event);
}

void set_contents(std::string_view json, const Secrets& secrets, Event& event)
{
    set_contents(contents_in(json), secrets, event);
}

void set_content_ids(std::string_view text, const Secrets& secrets, Event& event)
{
    auto contents = contents_in(text);
    if (contents.empty() && !text.empty() && std::string_view{"[{\"'"}.find(text[0]) == std::string_view::npos)
        contents = bare_ids(text);
    set_contents(std::move(contents), secrets, event);
}

} // namespace paravent::activity
