#include "proxy/statistics/event_row.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/statistics/privacy.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <boost/json.hpp>

#include <algorithm>

namespace paravent::statistics {
namespace {

namespace json = boost::json;

enum Column : int {
    id,
    time,
    device,
    address,
    site,
    destination,
    product,
    verdict,
    flags,
    account,
    name,
    value,
    currency,
    identifiers,
    rule,
    more,
};
enum Flag : int { automatic = 1, event_id = 2, limited_data_use = 4, seen_full = 8 };

constexpr std::size_t max_more_bytes = 256 * 1024;

std::string_view view(SQLite::Statement& row, Column column)
{
    const auto cell = row.getColumn(column);
    const char* const text = cell.getText("");
    return {text, static_cast<std::size_t>(cell.getBytes())};
}

std::string text(SQLite::Statement& row, Column column)
{
    return activity::clean_text(view(row, column), 4096);
}

activity::Product product_of(SQLite::Statement& row)
{
    const auto n = static_cast<unsigned>(row.getColumn(Column::product).getInt());
    return n < activity::product_count ? static_cast<activity::Product>(n) : activity::Product::other;
}

rules::Action verdict_of(SQLite::Statement& row)
{
    const auto n = static_cast<unsigned>(row.getColumn(Column::verdict).getInt());
    return n <= static_cast<unsigned>(rules::Action::answer) ? static_cast<rules::Action>(n) : rules::Action::allow;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const auto& word : words)
        (out += out.empty() ? "" : ",") += word;
    return out;
}

std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        if (end != 0)
            words.push_back(activity::clean_text(text.substr(0, end), 32));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

void put(json::object& into, const char* key, const Pairs& pairs)
{
    if (pairs.empty())
        return;
    auto& list = into[key].emplace_array();
    for (const auto& [k, v] : pairs)
        list.push_back(json::array{k, v});
}

/// What few events have: together in one column, empty for most.
std::string more_of(const activity::Event& event)
{
    json::object object;
    if (!event.page.empty())
        object["page"] = event.page;
    if (!event.contents.empty()) {
        auto& list = object["contents"].emplace_array();
        const auto number = [](const std::optional<double>& n) { return n ? json::value(*n) : json::value(nullptr); };
        for (const auto& c : event.contents)
            list.push_back(json::array{c.id, number(c.quantity), number(c.item_price)});
    }
    put(object, "custom", event.custom);
    put(object, "facts", event.device_facts);
    if (!event.mine.empty())
        object["mine"] = joined(event.mine);
    return object.empty() ? std::string{} : json::serialize(object);
}

std::string string_at(const json::value& value)
{
    const auto* const s = value.if_string();
    return s != nullptr ? activity::clean_text({s->data(), s->size()}, 4096) : std::string{};
}

std::optional<double> number_at(const json::value& value)
{
    if (!value.is_number())
        return std::nullopt;
    return value.to_number<double>();
}

Pairs pairs_at(const json::object& object, const char* key)
{
    Pairs pairs;
    const auto* const found = object.if_contains(key);
    const auto* const list = found != nullptr ? found->if_array() : nullptr;
    if (list == nullptr)
        return pairs;
    for (const auto& entry : *list)
        if (const auto* const pair = entry.if_array(); pair != nullptr && pair->size() == 2)
            pairs.emplace_back(string_at((*pair)[0]), string_at((*pair)[1]));
    return pairs;
}

void read_more(std::string_view text, activity::Event& event)
{
    boost::system::error_code error;
    const auto value = json::parse({text.data(), text.size()}, error);
    const auto* const object = error ? nullptr : value.if_object();
    if (object == nullptr)
        return;
    if (const auto* const page = object->if_contains("page"))
        event.page = string_at(*page);
    if (const auto* const contents = object->if_contains("contents"); contents != nullptr && contents->is_array())
        for (const auto& entry : contents->get_array())
            if (const auto* const c = entry.if_array(); c != nullptr && c->size() == 3)
                event.contents.push_back({string_at((*c)[0]), number_at((*c)[1]), number_at((*c)[2])});
    event.custom = pairs_at(*object, "custom");
    event.device_facts = pairs_at(*object, "facts");
    if (const auto* const mine = object->if_contains("mine"))
        event.mine = split(string_at(*mine));
}

} // namespace

void bind(const activity::Event& event, SQLite::Statement& insert)
{
    const auto text_at = [&](Column column, const std::string& s) { insert.bindNoCopy(column + 1, s); };
    insert.bind(Column::id + 1, event.id);
    insert.bind(Column::time + 1, event.time_ms);
    text_at(Column::device, event.device);
    text_at(Column::address, event.address);
    text_at(Column::site, event.site);
    text_at(Column::destination, event.destination);
    insert.bind(Column::product + 1, static_cast<int>(event.product));
    insert.bind(Column::verdict + 1, static_cast<int>(event.verdict));
    insert.bind(Column::flags + 1, (event.automatic ? Flag::automatic : 0) | (event.event_id ? Flag::event_id : 0) |
                                       (event.limited_data_use ? Flag::limited_data_use : 0) |
                                       (event.seen_full ? Flag::seen_full : 0));
    text_at(Column::account, event.account);
    text_at(Column::name, event.name);
    if (event.value)
        insert.bind(Column::value + 1, *event.value);
    else
        insert.bind(Column::value + 1);
    text_at(Column::currency, event.currency);
    insert.bind(Column::identifiers + 1, joined(event.identifiers));
    text_at(Column::rule, event.rule);
    if (const auto rest = more_of(event); rest.empty())
        insert.bind(Column::more + 1);
    else
        insert.bind(Column::more + 1, rest);
}

Facts facts_of(SQLite::Statement& row)
{
    return {row.getColumn(Column::time).getInt64(),
            view(row, Column::device),
            view(row, Column::site),
            view(row, Column::destination),
            view(row, Column::name),
            view(row, Column::rule),
            product_of(row),
            verdict_of(row)};
}

activity::Event event_of(SQLite::Statement& row)
{
    activity::Event event;
    event.id = row.getColumn(Column::id).getInt64();
    event.time_ms = row.getColumn(Column::time).getInt64();
    event.device = text(row, Column::device);
    event.address = text(row, Column::address);
    event.site = text(row, Column::site);
    event.destination = text(row, Column::destination);
    event.product = product_of(row);
    event.verdict = verdict_of(row);
    const int flagged = row.getColumn(Column::flags).getInt();
    event.automatic = (flagged & Flag::automatic) != 0;
    event.event_id = (flagged & Flag::event_id) != 0;
    event.limited_data_use = (flagged & Flag::limited_data_use) != 0;
    event.seen_full = (flagged & Flag::seen_full) != 0;
    event.account = text(row, Column::account);
    event.name = text(row, Column::name);
    if (const auto cell = row.getColumn(Column::value); !cell.isNull())
        event.value = cell.getDouble();
    event.currency = text(row, Column::currency);
    event.identifiers = split(view(row, Column::identifiers));
    event.rule = text(row, Column::rule);
    if (const auto rest = view(row, Column::more); !rest.empty() && rest.size() <= max_more_bytes)
        read_more(rest, event);
    bound(event);
    return event;
}

} // namespace paravent::statistics
