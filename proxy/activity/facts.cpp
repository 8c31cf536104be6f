#include "proxy/activity/facts.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/activity/identifying.hpp"
#include "proxy/activity/mine.hpp"
#include "proxy/activity/text.hpp"
#include "rules/domains.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;

/// A shop's words are kept to this many bytes; longer ones are cut.
constexpr std::size_t max_custom_text = 256;

bool is_scalar(const JsonNode& node) noexcept
{
    return node.is(Kind::string) || node.is(Kind::number) || node.is(Kind::boolean);
}

Content content_of(const JsonNode& node)
{
    Content content;
    const auto id = is_scalar(node) ? node.text() : node["id"].text();
    if (!identifies(id))
        content.id = clean_text(id, 64);
    double number = 0;
    if (read_number(node["quantity"].text(), number))
        content.quantity = number;
    if (read_number(node["item_price"].text(), number))
        content.item_price = number;
    return content;
}

/// Three letters (ISO 4217).
bool is_currency(std::string_view text) noexcept
{
    return text.size() == 3 && std::all_of(text.begin(), text.end(),
                                           [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

/// A customer's number may stand for the goods.
void set_contents(std::vector<Content> contents, const Secrets& secrets, Event& event)
{
    std::erase_if(contents, [&](const Content& content) { return secrets.in(content.id); });
    if (!contents.empty())
        event.contents = std::move(contents);
}

/// content_ids that are no JSON: one id, or several with commas between them.
std::vector<Content> bare_ids(std::string_view text)
{
    std::vector<Content> contents;
    while (!text.empty() && contents.size() < max_contents) {
        const auto end = std::min(text.find(','), text.size());
        if (const auto id = text.substr(0, end); !identifies(id))
            if (auto clean = clean_text(id, 64); !clean.empty())
                contents.push_back({std::move(clean), {}, {}});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return contents;
}

std::vector<Content> ids_of(std::string_view text)
{
    auto contents = contents_of(text);
    if (contents.empty() && !text.empty() && std::string_view{"[{\"'"}.find(text[0]) == std::string_view::npos)
        return bare_ids(text);
    return contents;
}

/// Microdata, and the button that was pressed.
bool is_of_the_page(std::string_view key) noexcept
{
    return key == "JSON-LD" || key == "OpenGraph" || key == "Schema.org" || key == "Meta" || key == "buttonFeatures" ||
           key == "pageFeatures";
}

void add_word(std::string_view key, std::string_view value, const Secrets& secrets, Event& event)
{
    key = key.substr(0, 256);
    const auto member = key.substr(key.rfind('[') + 1); // "customer][phone"
    if (event.custom.size() >= max_custom || value.empty() || names_identifier(key) || names_identifier(member))
        return;
    // Whose names would have to be asked one by one; but what a page says of its goods to everybody is no secret.
    if ((value.starts_with('{') || value.starts_with("[{")) && !is_of_the_page(key))
        return;
    // Addresses of pages carry identifiers in their query.
    if (value.starts_with("http://") || value.starts_with("https://"))
        value = value.substr(0, value.find_first_of("?#"));
    value = value.substr(0, 4 * max_custom_text);
    if (may_identify(value) || secrets.in(value) || may_identify(key) || secrets.in(key))
        return;
    auto name = clean_text(key, 64);
    const auto same = [&](const auto& told) { return told.first == name; };
    if (name.empty() || std::any_of(event.custom.begin(), event.custom.end(), same))
        return;
    if (auto text = clean_text(value, max_custom_text); !text.empty())
        event.custom.emplace_back(std::move(name), std::move(text));
}

} // namespace

void Secrets::add(std::string_view value)
{
    // What is shorter ("f", "de", a year) stands in any text.
    // Of a long one its beginning is enough, and looking for it stays cheap.
    if (value.size() >= 5 && values_.size() < 256)
        values_.push_back(value.substr(0, 64));
}

bool Secrets::in(std::string_view text) const noexcept
{
    return std::any_of(values_.begin(), values_.end(),
                       [text](std::string_view value) { return text.find(value) != std::string_view::npos; });
}

void Secrets::compare(std::string_view name, std::string_view value, Event& event)
{
    constexpr unsigned most_compared = 64; // a body of nothing else must not take the worker's time
    if (mine_ == nullptr || !mine_->asks_about(name) || compared_ == most_compared)
        return;
    ++compared_;
    const auto own = mine_->matches(name, value);
    if (!own)
        return;
    const auto kind = name_of(*own);
    if (std::find(event.mine.begin(), event.mine.end(), kind) == event.mine.end())
        event.mine.emplace_back(kind);
}

void add_identifier(std::string_view kind, std::string_view value, Event& event)
{
    if (value.empty() || is_hash_of_nothing(value) || !is_kind(kind))
        return;
    auto& kinds = event.identifiers;
    if (kinds.size() < max_identifiers && std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
        kinds.emplace_back(kind);
}

void add_identifier(std::string_view kind, std::string_view value, Event& event, Secrets& secrets)
{
    add_identifier(kind, value, event);
    secrets.add(value);
    secrets.compare(kind, value, event);
}

void add_identifier(std::string_view kind, const JsonNode& value, Event& event, Secrets& secrets)
{
    if (is_scalar(value))
        add_identifier(kind, value.text(), event, secrets);
    else
        for (const auto one : value)
            if (is_scalar(one))
                add_identifier(kind, one.text(), event, secrets);
}

void set_name(std::string_view name, const Secrets& secrets, Event& event)
{
    name = name.substr(0, 256);
    if (!may_identify(name) && !secrets.in(name))
        event.name = clean_text(name, 64);
}

void set_page(std::string_view url, Event& event)
{
    const auto parts = parts_of(url.substr(0, max_field_bytes));
    if (parts.scheme != "https" && parts.scheme != "http")
        return;
    const auto host = rules::normal_host(parts.host);
    if (!host)
        return;
    event.site = std::string{rules::registrable_domain(*host)};
    // "/unsubscribe/somebody@mail.example" names its reader.
    const bool plain = !parts.path.empty() && !identifies(parts.path);
    event.page = clean_text(std::string{parts.scheme} + "://" + *host, 512) +
                 clean_text(plain ? parts.path : std::string_view{"/"}, 1024);
}

void add_custom(std::string_view key, std::string_view value, const Secrets& secrets, Event& event)
{
    if (key == "value") {
        if (double number = 0; read_number(value, number))
            event.value = number;
    } else if (key == "currency") {
        if (is_currency(value))
            event.currency = value;
    } else if (key == "contents") {
        set_contents(contents_of(value), secrets, event);
    } else if (key == "content_ids") {
        if (event.contents.empty())
            set_contents(ids_of(value), secrets, event);
    } else
        add_word(key, value, secrets, event);
}

void add_custom(const JsonNode& member, const Secrets& secrets, Event& event)
{
    const auto key = member.key();
    if (is_scalar(member))
        add_custom(key, member.text(), secrets, event);
    else if (key == "contents") {
        set_contents(contents_of(member), secrets, event);
    } else if (key == "content_ids") {
        if (event.contents.empty())
            set_contents(contents_of(member), secrets, event);
    } else if ((member.is(Kind::array) || member.is(Kind::object)) && key != "value" && key != "currency")
        // Written to more than is kept of it, so that what identifies is not cut in two and overlooked.
        add_word(key, json_text(member, 4 * max_custom_text), secrets, event);
}

void add_fact(std::string_view key, std::string_view value, Event& event)
{
    const auto same = [&](const auto& fact) { return fact.first == key; };
    auto& facts = event.device_facts;
    if (may_identify(value) || std::any_of(facts.begin(), facts.end(), same))
        return;
    if (auto text = clean_text(value, 64); !text.empty())
        facts.emplace_back(key, std::move(text));
}

void add_advertiser_id(std::string_view id, Event& event)
{
    if (std::all_of(id.begin(), id.end(), [](char c) { return c == '0' || c == '-'; })) // also where it is empty
        return;
    add_fact("advertiser_id", "true", event);
    add_identifier("madid", id, event);
}

void add_extinfo(const JsonNode& list, Event& event)
{
    constexpr std::string_view names[] = {"", "app", "", "", "os", "model", "", "", "carrier"};
    std::size_t i = 0;
    for (const auto item : list) {
        if (i >= std::size(names))
            return;
        if (const auto name = names[i++]; !name.empty())
            add_fact(name, item.text(), event);
    }
}

std::vector<Content> contents_of(const JsonNode& list)
{
    std::vector<Content> contents;
    const auto add = [&](const JsonNode& node) {
        if (!node.whole() || node.is(Kind::array) || contents.size() >= max_contents)
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
    // Of more than 64 contents with all their keys nobody keeps anything.
    constexpr JsonLimits limits{.nodes = 64 * max_contents, .text = max_field_bytes};
    const auto tree = read_json(json, limits);
    return contents_of(tree.root());
}

} // namespace paravent::activity
