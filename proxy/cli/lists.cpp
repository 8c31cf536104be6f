#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <vector>

namespace paravent::cli {
namespace {

using boost::json::array;
using boost::json::object;

/// "cosmetic 30,512, unknown option 12", the most frequent first.
std::string reasons_of(const object& list)
{
    std::vector<std::pair<std::int64_t, std::string>> reasons;
    for (const auto& [reason, count] : list.at("skipped_by").as_object())
        reasons.emplace_back(-count.to_number<std::int64_t>(), reason);
    std::ranges::sort(reasons);
    std::string out;
    for (const auto& [count, reason] : reasons)
        out += (out.empty() ? "" : ", ") + reason + " " + std::to_string(-count);
    return out;
}

void print(const array& lists)
{
    Table table({"LIST", "CATEGORY", "ON", "RULES", "SKIPPED", "HITS", "SOURCE", "UPDATED"});
    std::string below;
    for (const auto& item : lists) {
        const auto& list = item.as_object();
        const auto name = text_at(list, "name");
        table.add({name, text_at(list, "category"), yes_at(list, "enabled"), text_at(list, "rules"),
                   text_at(list, "skipped"), text_at(list, "hits"), text_at(list, "source"),
                   local_time(text_at(list, "updated"))});
        if (const auto reasons = reasons_of(list); !reasons.empty())
            below += "  " + name + " skipped: " + dashboard::inert(reasons) + "\n";
    }
    if (table.empty()) {
        std::cout << "No lists: nothing is judged.\n";
        return;
    }
    table.print(std::cout);
    std::cout << (below.empty() ? "" : "Lines that could not be used, and why\n") << below;
    for (const auto& item : lists)
        if (const auto error = text_at(item.as_object(), "error"); !error.empty())
            std::cout << "Not in order: " << dashboard::inert(text_at(item.as_object(), "name") + ": " + error) << '\n';
}

/// What an update did to each list that does not come with the program.
void print_changes(const array& before, const array& after)
{
    std::map<std::string, std::string> times;
    for (const auto& item : before)
        times[text_at(item.as_object(), "name")] = text_at(item.as_object(), "updated");
    for (const auto& item : after) {
        const auto& list = item.as_object();
        const auto name = text_at(list, "name"), updated = text_at(list, "updated");
        if (text_at(list, "source") == "built in" || !list.at("enabled").as_bool())
            continue;
        const auto error = text_at(list, "error");
        const auto rules = text_at(list, "rules") + " rules";
        std::cout << dashboard::inert(name) << ": "
                  << (!error.empty()           ? "failed: " + dashboard::inert(error)
                      : updated == times[name] ? "unchanged, " + rules
                                               : "new, " + rules)
                  << '\n';
    }
}

bool all_are_in_order(const array& lists)
{
    return std::ranges::all_of(lists, [](const auto& item) { return text_at(item.as_object(), "error").empty(); });
}

void describe(const object& list)
{
    std::cout << dashboard::inert(text_at(list, "name") + ": " + text_at(list, "source")) << ", "
              << (list.at("enabled").as_bool() ? "on" : "off") << ", " << text_at(list, "rules") << " rules\n";
}

int show(const boost::json::value& list, bool json)
{
    if (json)
        std::cout << dashboard::text_of(list) << '\n';
    else
        describe(list.as_object());
    return 0;
}

} // namespace

int lists(const Place& place, bool json)
{
    const auto answer = Client(place).ask("GET", "/lists");
    if (json)
        std::cout << answer.body;
    else
        print(boost::json::parse(answer.body).at("items").as_array());
    return 0;
}

int update_lists(const Place& place, bool json)
{
    Client client(place);
    const auto before = client.get("/lists");
    const auto after = client.send("POST", "/lists/update", nullptr);
    const auto& items = after.at("items").as_array();
    if (json) {
        std::cout << dashboard::text_of(after) << '\n';
    } else {
        print(items);
        print_changes(before.at("items").as_array(), items);
    }
    return all_are_in_order(items) ? 0 : failed;
}

int add_list(const Place& place, const NewList& list, bool json)
{
    object wish{{"name", list.name}, {"url", list.url}};
    if (!list.category.empty())
        wish["category"] = list.category;
    if (list.insecure)
        wish["insecure"] = true;
    Client client(place);
    const auto added = client.send("POST", "/lists", wish);
    if (json)
        return show(added, true);
    std::cout << "Added; it is being fetched. `paravent lists` shows what came of it.\n";
    return 0;
}

int remove_list(const Place& place, const std::string& name)
{
    Client(place).ask("DELETE", "/lists/" + escaped(name));
    std::cout << "Removed.\n";
    return 0;
}

int switch_list(const Place& place, const std::string& name, bool on, bool json)
{
    Client client(place);
    return show(client.send("PATCH", "/lists/" + escaped(name), object{{"enabled", on}}), json);
}

} // namespace paravent::cli
