#include "proxy/activity/pixel.hpp"

#include "proxy/activity/json_list.hpp"
#include "proxy/activity/text.hpp"
#include "rules/domains.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

constexpr std::size_t max_identifiers = 32;
constexpr std::size_t max_custom = 64;

bool is_kind(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 24 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_sha256(std::string_view text) noexcept
{
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
}

/// Custom data is the shop's own text, and some shops put an address or a hash there: what looks like one is not kept.
bool may_identify(std::string_view key, std::string_view value) noexcept
{
    constexpr std::string_view kinds[] = {"em", "email", "ph", "phone", "fn",         "ln",
                                          "db", "ge",    "ct", "zp",    "external_id"};
    return std::find(std::begin(kinds), std::end(kinds), key) != std::end(kinds) ||
           value.find('@') != std::string_view::npos || is_sha256(value);
}

void read_custom(std::string_view key, std::string_view value, Event& event)
{
    if (key == "value") {
        if (double number = 0; read_number(value, number))
            event.value = number;
    } else if (key == "currency")
        event.currency = clean_text(value, 8);
    else if (key == "contents") {
        if (auto contents = contents_of(value); !contents.empty())
            event.contents = std::move(contents);
    } else if (key == "content_ids") {
        if (event.contents.empty())
            event.contents = contents_of(value);
    } else if (event.custom.size() < max_custom && !value.empty() && !may_identify(key, value)) {
        auto name = clean_text(key, 64);
        if (!name.empty())
            event.custom.emplace_back(std::move(name), clean_text(value, 256));
    }
}

} // namespace

std::vector<Content> contents_of(std::string_view json)
{
    std::vector<Content> contents;
    for (const auto& item : read_json_list(json)) {
        Content content;
        content.id = clean_text(item.size() == 1 && item[0].first.empty() ? item[0].second : member(item, "id"), 64);
        double number = 0;
        if (read_number(member(item, "quantity"), number))
            content.quantity = number;
        if (read_number(member(item, "item_price"), number))
            content.item_price = number;
        if (!content.id.empty() || content.quantity || content.item_price)
            contents.push_back(std::move(content));
    }
    return contents;
}

void add_identifier(std::string_view kind, std::string_view value, Event& event)
{
    // SHA-256 of nothing and of the word "undefined": the site's mistake, it told nothing.
    constexpr std::string_view nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    constexpr std::string_view undefined = "eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c";
    if (value.empty() || value == nothing || value == undefined || !is_kind(kind))
        return;
    auto& kinds = event.identifiers;
    if (kinds.size() < max_identifiers && std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
        kinds.emplace_back(kind);
}

void set_page(std::string_view url, Event& event)
{
    const auto parts = parts_of(url);
    if (parts.scheme != "https" && parts.scheme != "http")
        return;
    const auto host = rules::normal_host(parts.host);
    if (!host)
        return;
    event.site = std::string{rules::registrable_domain(*host)};
    event.page = clean_text(std::string{parts.scheme} + "://" + *host, 512) +
                 clean_text(parts.path.empty() ? "/" : parts.path, 1024);
}

std::string page_told(std::string_view url)
{
    const auto query = parts_of(url).query;
    if (query.find("dl=") == std::string_view::npos)
        return {};
    return std::string{Fields(query)["dl"]};
}

void read_pixel(const Fields& fields, Event& event)
{
    const auto id = fields["id"];
    const auto name = fields["ev"];
    if (is_account(id))
        event.account = std::string{id};
    // Conversion pixels of old carry their number as the event's name.
    if (id.empty() && is_account(name))
        event.account = std::string{name};
    else
        event.name = clean_text(name, 64);

    if (const auto page = fields["dl"]; !page.empty())
        set_page(page, event);

    for (const auto& [field, value] : fields.all()) {
        if (const auto key = Fields::key_in("cd", field); !key.empty())
            read_custom(key, value, event);
        // cud[] and ncud[] are masks of what was typed, sent beside it: alone they tell nothing.
        for (const std::string_view group : {"ud", "aud", "udff"})
            if (const auto kind = Fields::key_in(group, field); !kind.empty())
                add_identifier(kind, value, event);
    }
    add_identifier("fbp", fields["fbp"], event);
    add_identifier("fbc", fields["fbc"], event);

    event.automatic = fields["es"] == "automatic";
    event.event_id = !fields["eid"].empty();
    event.limited_data_use = fields["dpo"].find("LDU") != std::string_view::npos;
}

} // namespace paravent::activity
