#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/late_reply.hpp"
#include "proxy/dashboard/list_hits.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

boost::json::object all_lists(const Parts& parts)
{
    boost::json::array items;
    for (const auto& row : lists_with_hits(parts))
        items.push_back(shape(row));
    return page_of(std::move(items));
}

const ListRow* find(const std::vector<ListRow>& rows, std::string_view name)
{
    for (const auto& row : rows)
        if (row.name == name)
            return &row;
    return nullptr;
}

std::string names_of(const std::vector<ListRow>& rows)
{
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const auto& row : rows)
        names.push_back(row.name);
    return those_there(names);
}

/// What went wrong while reading anew is the owner's to mend, not a fault of the program.
std::optional<Problem> reload(const Parts& parts)
{
    try {
        parts.reload();
        return {};
    } catch (const std::exception& error) {
        return Problem{409, std::string("the old settings and lists stay in force: ") + error.what()};
    }
}

} // namespace

server::LocalReply get_lists(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    return json_reply(all_lists(parts));
}

server::LocalReply patch_list(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"enabled"});
    if (!body)
        return problem_reply(body.error());
    const auto* enabled = body->if_contains("enabled");
    if (enabled == nullptr || (!enabled->is_bool() && !enabled->is_null()))
        return problem_reply({400, "enabled: is true, false or null (the settings file's value)"});
    if (find(parts.lists(), call.name) == nullptr)
        return problem_reply(
            {404, "there is no list \"" + call.name.substr(0, 100) + "\"; " + names_of(parts.lists())});
    const auto before = parts.policy.list_enabled(call.name);
    parts.policy.set_list_enabled(call.name, enabled->is_bool() ? std::optional(enabled->get_bool()) : std::nullopt);
    if (const auto problem = reload(parts)) {
        parts.policy.set_list_enabled(call.name, before);
        return problem_reply(*problem);
    }
    const auto rows = lists_with_hits(parts);
    const auto* row = find(rows, call.name);
    return row != nullptr ? json_reply(shape(*row)) : done_reply();
}

server::LocalReply post_list(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"name", "url", "category", "insecure"});
    if (!body)
        return problem_reply(body.error());
    config::List list;
    for (const auto& [key, member] :
         {std::pair{"name", &config::List::name}, {"url", &config::List::url}, {"category", &config::List::category}}) {
        const auto* value = body->if_contains(key);
        if (value != nullptr && !value->is_string())
            return problem_reply({400, std::string(key) + ": is a text"});
        if (value != nullptr)
            list.*member = std::string(value->get_string());
    }
    if (list.category.empty())
        list.category = "other";
    if (const auto* value = body->if_contains("insecure")) {
        if (!value->is_bool())
            return problem_reply({400, "insecure: is true or false"});
        list.insecure = value->get_bool();
    }
    if (const auto fault = config::fault_of_subscription(list))
        return problem_reply({400, *fault});
    if (find(parts.lists(), list.name) != nullptr)
        return problem_reply({409, "name: there is a list \"" + list.name + "\" already"});
    parts.policy.subscribe(list);
    if (const auto problem = reload(parts)) {
        parts.policy.unsubscribe(list.name);
        return problem_reply(*problem);
    }
    const auto rows = lists_with_hits(parts);
    const auto* row = find(rows, list.name);
    return row != nullptr ? json_reply(shape(*row), 201) : done_reply();
}

server::LocalReply delete_list(const Parts& parts, const Call& call)
{
    if (!parts.policy.unsubscribe(call.name)) {
        const auto name = "\"" + call.name.substr(0, 100) + "\"";
        if (find(parts.lists(), call.name) == nullptr)
            return problem_reply({404, "there is no list " + name + "; " + names_of(parts.lists())});
        return problem_reply({409, "the list " + name +
                                       " stands in the settings file or is Paravent's own: it can be "
                                       "switched off, or taken out of the file"});
    }
    if (const auto problem = reload(parts))
        return problem_reply({409, "it goes with the next good settings: " + problem->detail});
    return done_reply();
}

/// Settings and files at once, so that what is wrong with them is the answer; what has to be fetched follows.
server::LocalReply post_lists_update(const Parts& parts, const Call& call)
{
    if (const auto body = body_of(call.request, {}); !body)
        return problem_reply(body.error());
    if (const auto problem = reload(parts))
        return problem_reply(*problem);
    const auto late = std::make_shared<LateReply>();
    parts.fetch_lists([&parts, late] { late->give(text_of(all_lists(parts)) + "\n"); });
    server::LocalReply reply;
    reply.fields.emplace_back("Content-Type", "application/json");
    reply.feed = late;
    return reply;
}

} // namespace paravent::dashboard
