#include "proxy/activity/facts.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/activity/identifying.hpp"
#include "proxy/activity/text.hpp"
#include "rules/domains.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;

/// A shop's words are kept to this many bytes; longer ones are cut.
constexpr std::size_t max_custom_text = 256;

/// Three letters (ISO 4217).
bool is_currency(std::string_view text) noexcept
{
    return text.size() == 3 && std::all_of(text.begin(), text.end(),
                                           [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

/// Microdata, and the button that was pressed.
bool is_of_the_page(std::string_view key) noexcept
{
    return key == "JSON-LD" || key == "OpenGraph" || key == "Schema.org" || key == "Meta" || key == "buttonFeatures" ||
           key == "pageFeatures";
}

/// "em" of "customer[em]"; empty where there is none.
std::string_view last_member(std::string_view key) noexcept
{
    const auto begin = key.rfind('[');
    return begin == std::string_view::npos ? std::string_view{} : key.substr(begin + 1, key.rfind(']') - begin - 1);
}

void add_word(std::string_view key, std::string_view value, const Secrets& secrets, Event& event)
{
    key = key.substr(0, 256);
    if (value.empty())
        return;
    if (event.custom.size() >= max_custom) {
        event.body_cut = true;
        return;
    }
    if (names_identifier(key) || names_identifier(last_member(key)))
        return;
    // Whose names would have to be asked one by one; but what a page says of its goods to everybody is no secret.
    const bool has_names = value.starts_with('{') || (value.starts_with('[') && value.find('{') != value.npos);
    if (has_names && !is_of_the_page(key))
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

void add_identifier(std::string_view kind, std::string_view value, Event& event)
{
    if (is_nothing(value) || !is_kind(kind))
        return;
    auto& kinds = event.identifiers;
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end())
        return;
    if (kinds.size() < max_identifiers)
        kinds.emplace_back(kind);
    else
        event.body_cut = true;
}

void add_identifier(std::string_view kind, std::string_view value, Event& event, Secrets& secrets)
{
    add_identifier(kind, value, event);
    secrets.add(value);
    secrets.compare(kind, value, event);
}

void add_identifier(std::string_view kind, const JsonNode& value, Event& event, Secrets& secrets)
{
    if (value.is_scalar())
        add_identifier(kind, value.text(), event, secrets);
    else
        for (const auto one : value)
            if (one.is_scalar())
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
    const bool plain = !parts.path.empty() && !path_may_identify(parts.path);
    event.page = clean_text(std::string{parts.scheme} + "://" + *host, 512) +
                 clean_text(plain ? parts.path : std::string_view{"/"}, 1024);
}

void guard_page(const Secrets& secrets, Event& event)
{
    const auto begin = event.page.find('/', event.page.find("://") + 3);
    if (begin == std::string::npos)
        return;
    const auto path = std::string_view{event.page}.substr(begin);
    if (secrets.in(path) || (path.find('%') != std::string_view::npos && secrets.in(form_decoded(path))))
        event.page.resize(begin + 1);
}

void set_currency(std::string_view text, Event& event)
{
    if (text = trimmed(text); is_currency(text))
        event.currency = text;
}

void add_custom(std::string_view key, std::string_view value, const Secrets& secrets, Event& event)
{
    if (key == "value") {
        if (double number = 0; read_number(value, number))
            event.value = number;
    } else if (key == "currency") {
        set_currency(value, event);
    } else if (key == "contents") {
        set_contents(value, secrets, event);
    } else if (key == "content_ids") {
        if (event.contents.empty())
            set_content_ids(value, secrets, event);
    } else
        add_word(key, value, secrets, event);
}

void add_custom(const JsonNode& member, const Secrets& secrets, Event& event)
{
    const auto key = member.key();
    if (member.is_scalar())
        add_custom(key, member.text(), secrets, event);
    else if (key == "contents") {
        set_contents(member, secrets, event);
    } else if (key == "content_ids") {
        if (event.contents.empty())
            set_contents(member, secrets, event);
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
    if (is_nothing(id) || std::all_of(id.begin(), id.end(), [](char c) { return c == '0' || c == '-'; }))
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

} // namespace paravent::activity
