// Meta's list of what it was told about a person, beside what was seen at home.
#include "proxy/activity/text.hpp"
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/seen.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/reconcile/reconcile.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;
using reconcile::Import;
using reconcile::Reconciliation;
using reconcile::Row;

constexpr std::size_t most_rows = 500, most_changes = 100;

enum class ListName : std::uint8_t { stopped, let_through, elsewhere, only_here };

json::array texts(const std::vector<std::string>& all)
{
    return json::array(all.begin(), all.end());
}

/// What can be done about it, in a sentence. `reach_ms`: until when Meta's list tells what came there.
std::string_view advice_of(ListName list, const Row& row, std::optional<std::int64_t> reach_ms)
{
    const bool is_told = reach_ms && row.tally.last_ms <= *reach_ms;
    constexpr std::string_view unknown = "It was stopped here. Whether Meta has it from elsewhere, its own list tells.";
    const auto most = static_cast<reconcile::Reason>(std::ranges::max_element(row.reasons) - row.reasons.begin());
    switch (list) {
    case ListName::stopped:
        return row.in_meta > 0
                   ? "It was stopped here, and Meta has some of it all the same: object at the company, or "
                     "disconnect it at Meta."
                   : (is_told ? "Nothing is to be done: what was stopped here did not come to Meta another way."
                              : unknown);
    case ListName::let_through:
        return "It was let through here: block it for this site, or end the exception that lets it pass.";
    case ListName::elsewhere:
        switch (most) {
        case reconcile::Reason::before:
            return "It is older than what Paravent kept: clear it at Meta.";
        case reconcile::Reason::same_day:
            return "It was stopped here and told from the company's server: object there (GDPR article 21), and "
                   "disconnect it at Meta.";
        case reconcile::Reason::app:
            return "An app told it: look whether it was bypassed, set it to tell nothing, or remove it; and disconnect "
                   "it at Meta.";
        case reconcile::Reason::other:
            break;
        }
        return "It came another way: from the company's server, another network or another device. Disconnect it at "
               "Meta, and ask the company what it sends (GDPR article 15).";
    case ListName::only_here:
        return row.let_through > 0
                   ? "Meta does not show it to you, or not yet, and has it nevertheless: block it for this site."
                   : (is_told ? "Nothing is to be done: it was stopped here, and Meta does not show it." : unknown);
    }
    return {};
}

json::object row_shape(ListName list, const Row& row, std::optional<std::int64_t> reach_ms)
{
    json::array products;
    for (std::size_t i = 0; i < activity::product_count; ++i)
        if ((row.products >> i & 1) != 0)
            products.emplace_back(activity::name_of(static_cast<activity::Product>(i)));
    json::object out{{"site", text_or_null(row.site)},
                     {"name", text_or_null(row.name)},
                     {"account", text_or_null(row.account)},
                     {"probably", row.probably},
                     {"events", row.tally.events},
                     {"first", rfc3339(row.tally.first_ms)},
                     {"last", rfc3339(row.tally.last_ms)},
                     {"in_meta", row.in_meta},
                     {"stopped", row.stopped},
                     {"let_through", row.let_through},
                     {"types", texts(row.types)},
                     {"names", texts(row.names)},
                     {"identifiers", texts(row.identifiers)},
                     {"products", std::move(products)},
                     {"rules", texts(row.rules)},
                     {"server", row.server},
                     {"advice", advice_of(list, row, reach_ms)}};
    if (list == ListName::elsewhere) {
        json::array reasons;
        for (std::size_t i = 0; i < reconcile::reason_count; ++i)
            if (row.reasons[i] > 0)
                reasons.push_back(
                    {{"reason", reconcile::name_of(static_cast<reconcile::Reason>(i))}, {"events", row.reasons[i]}});
        out["reasons"] = std::move(reasons);
    }
    return out;
}

void put_list(json::object& lists, json::object& totals, std::string_view key, ListName name,
              const reconcile::List& list, std::optional<std::int64_t> reach_ms)
{
    json::array rows;
    for (const auto& row : list.rows)
        if (rows.size() < most_rows)
            rows.push_back(row_shape(name, row, reach_ms));
    lists[key] = std::move(rows);
    totals[key] = {{"rows", list.rows.size()}, {"companies", list.companies()}, {"events", list.events()}};
}

json::array months_of(const Reconciliation& result)
{
    json::array months;
    for (const auto& month : result.months)
        months.push_back({{"month", day_text(reconcile::first_day_of(month.month)).substr(0, 7)},
                          {"meta", month.meta},
                          {"elsewhere", month.elsewhere},
                          {"stopped", month.stopped},
                          {"let_through", month.let_through}});
    return months;
}

json::value number_or_null(const std::optional<std::uint64_t>& number)
{
    return number ? json::value(*number) : json::value(nullptr);
}

/// Names that `all` has and `others` does not.
json::array new_in(const activity::MetaExport& all, const activity::MetaExport& others)
{
    std::set<std::string_view> known;
    for (const auto& row : others.rows)
        known.insert(row.name);
    json::array out;
    for (const auto& row : all.rows)
        if (out.size() < most_changes && known.insert(row.name).second)
            out.emplace_back(row.name);
    return out;
}

std::string sentence_of(const std::optional<Import>& import, const Reconciliation& result, std::uint64_t unknown)
{
    const auto number = [](std::uint64_t n, const char* one, const char* many) {
        return std::to_string(n) + " " + (n == 1 ? one : many);
    };
    if (!import)
        return "There is no export of Meta yet: download it there, and import the file here.";
    const auto elsewhere = result.elsewhere.events();
    std::string out = "Meta's list has " + number(import->events, "event", "events") + " of " +
                      number(import->companies, "company", "companies") + ". " +
                      number(elsewhere, "of them was", "of them were") +
                      " not let through here: told by servers, by "
                      "apps, in other networks, or before Paravent was there. " +
                      number(result.stopped.events(), "event was", "events were") + " stopped here.";
    if (unknown > 0)
        out += " Of " + number(unknown, "more message", "more messages") +
               " nobody saw which site sent it, so they are in none of the lists.";
    return out;
}

/// The import asked for, and the one before it of the same person and the same source: Facebook's list has not what
/// Instagram's has, which is no change.
struct Chosen {
    std::optional<Import> import, previous;
};
result<Chosen> choose(const std::vector<Import>& imports, std::string_view person, std::string_view id)
{
    Chosen chosen;
    std::vector<std::string> ids;
    for (const auto& import : imports) { // newest first
        if (import.person != person)
            continue;
        ids.push_back(import.id);
        if (!chosen.import) {
            if (id.empty() || import.id == id)
                chosen.import = import;
        } else if (import.source == chosen.import->source) {
            chosen.previous = import;
            break;
        }
    }
    if (id.empty() || chosen.import)
        return chosen;
    return Problem{404, "import: there is no such import of that person; " + those_there(ids)};
}

json::array people_of(const std::vector<Import>& imports, const Ticks& ticks)
{
    std::set<std::string_view> people{""};
    for (const auto& import : imports)
        people.insert(import.person);
    for (const auto& [person, done] : ticks)
        people.insert(person);
    return json::array(people.begin(), people.end());
}

} // namespace

server::LocalReply get_reconcile(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"person", "import"});
    if (!query)
        return problem_reply(query.error());
    if (const auto fault = fault_of_person((*query)["person"]); !fault.empty())
        return problem_reply({400, std::string(fault)});
    const std::string person(activity::trimmed((*query)["person"]));
    const auto imports = parts.imports.all();
    const auto chosen = choose(imports, person, (*query)["import"]);
    if (!chosen)
        return problem_reply(chosen.error());

    const auto seen = seen_until_now(parts);
    const auto& import = chosen->import;
    const auto theirs = import ? parts.imports.read(import->id) : activity::MetaExport{};
    const auto listed = import ? std::optional(import->time_ms) : std::nullopt;
    const auto result = reconcile::reconcile(theirs, seen.told, {seen.begin_ms, listed});

    json::value change = nullptr;
    if (const auto& previous = chosen->previous) {
        const auto before = parts.imports.read(previous->id);
        change = {{"elsewhere_before", number_or_null(previous->elsewhere_lately)},
                  {"elsewhere_now", number_or_null(import->elsewhere_lately)},
                  {"new", new_in(theirs, before)},
                  {"gone", new_in(before, theirs)}};
    }
    json::object lists, totals;
    put_list(lists, totals, "stopped", ListName::stopped, result.stopped, result.reach_ms);
    put_list(lists, totals, "let_through", ListName::let_through, result.let_through, result.reach_ms);
    put_list(lists, totals, "elsewhere", ListName::elsewhere, result.elsewhere, result.reach_ms);
    put_list(lists, totals, "only_here", ListName::only_here, result.only_here, result.reach_ms);
    const auto shape = [](const std::optional<Import>& one) {
        return one ? json::value(import_shape(*one)) : json::value(nullptr);
    };
    const auto kept = parts.policy.home().privacy.value_or(parts.settings()->statistics.privacy);
    return json_reply({{"person", person},
                       {"people", people_of(imports, read_ticks(parts.state_directory))},
                       {"import", shape(import)},
                       {"previous", shape(chosen->previous)},
                       {"reach", result.reach_ms ? json::value(rfc3339(*result.reach_ms)) : json::value(nullptr)},
                       {"seen",
                        {{"from", seen.begin_ms ? json::value(rfc3339(*seen.begin_ms)) : json::value(nullptr)},
                         {"to", rfc3339(now_ms())},
                         {"events", seen.events},
                         {"unknown_sites", seen.unknown_sites},
                         {"kept", seen.events > 0 || kept != config::Privacy::counters}}},
                       {"lists", std::move(lists)},
                       {"totals", std::move(totals)},
                       {"months", months_of(result)},
                       {"change", std::move(change)},
                       {"sentence", sentence_of(import, result, seen.unknown_sites)}});
}

} // namespace paravent::dashboard
