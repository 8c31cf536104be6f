// What a person can ask of Meta, and when they did.
#include "proxy/activity/text.hpp"
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

json::object checklist_shape(const Ticks& ticks, std::string_view person)
{
    json::array people, items;
    for (const auto& [name, done] : ticks)
        if (!name.empty())
            people.emplace_back(name);
    const auto own = ticks.find(person);
    for (const auto& step : steps().steps) {
        json::object item{{"id", step.id}, {"url", step.url}, {"done", nullptr}};
        json::array due;
        if (own != ticks.end())
            if (const auto done = own->second.find(step.id); done != own->second.end()) {
                item["done"] = done->second;
                for (const auto& one : step.due)
                    due.push_back({{"what", one.what}, {"date", day_text(*parse_day(done->second) + one.days)}});
            }
        item["due"] = std::move(due);
        items.push_back(std::move(item));
    }
    return {{"person", person},
            {"people", std::move(people)},
            {"links_checked", steps().checked},
            {"items", std::move(items)}};
}

/// It may be tomorrow where the person is. A clock that is not set knows no day.
bool is_to_come(const Parts& parts, std::int64_t day)
{
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    return day > now_ms() / day_ms + 1 && !parts.server().clock_before_build;
}

} // namespace

std::string_view fault_of_person(std::string_view name)
{
    constexpr std::size_t longest = 100;
    if (name.size() > longest)
        return "person: a name has at most 100 bytes";
    for (std::size_t at = 0; at < name.size();) {
        const auto [code, size] = next_code_point(name, at);
        if (is_active(code) || code == replacement)
            return "person: a name is made of letters that can be shown";
        at += size;
    }
    return {};
}

server::LocalReply get_checklist(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"person"});
    if (!query)
        return problem_reply(query.error());
    if (const auto fault = fault_of_person((*query)["person"]); !fault.empty())
        return problem_reply({400, std::string(fault)});
    return json_reply(checklist_shape(read_ticks(parts.state_directory), activity::trimmed((*query)["person"])));
}

server::LocalReply patch_checklist(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"person", "id", "done"});
    if (!body)
        return problem_reply(body.error());
    std::string person;
    if (const auto* name = body->if_contains("person"); name != nullptr && !name->is_null()) {
        if (!name->is_string())
            return problem_reply({400, "person: is a text"});
        person = name->get_string();
    }
    if (const auto fault = fault_of_person(person); !fault.empty())
        return problem_reply({400, std::string(fault)});
    person = std::string(activity::trimmed(person));
    const auto* id = body->if_contains("id");
    const auto& all = steps().steps;
    if (id == nullptr || !id->is_string() ||
        std::ranges::find(all, std::string_view(id->get_string()), &Step::id) == all.end())
        return problem_reply({400, "id: is one of those in GET /api/v1/checklist"});
    const auto* done = body->if_contains("done");
    if (done == nullptr || (!done->is_null() && (!done->is_string() || !parse_day(done->get_string()))))
        return problem_reply({400, "done: is a day (2026-11-20) or null (not done)"});
    if (!done->is_null() && is_to_come(parts, *parse_day(done->get_string())))
        return problem_reply({400, "done: that day is yet to come: tick it on the day on which it is done"});

    auto ticks = read_ticks(parts.state_directory);
    if (!ticks.contains(person) && ticks.size() >= most_people)
        return problem_reply({409, "person: there are " + std::to_string(most_people) +
                                       " people in the list already: untick all that somebody did first"});
    if (done->is_null())
        ticks[person].erase(std::string(id->get_string()));
    else
        ticks[person][std::string(id->get_string())] = done->get_string();
    if (ticks[person].empty())
        ticks.erase(person);
    write_ticks(parts.state_directory, ticks);
    return json_reply(checklist_shape(ticks, person));
}

} // namespace paravent::dashboard
