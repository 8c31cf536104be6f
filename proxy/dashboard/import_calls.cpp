// Meta's exports: taking them in, what there is, forgetting them.
#include "proxy/activity/text.hpp"
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/seen.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/reconcile/reconcile.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace paravent::dashboard {

boost::json::object import_shape(const reconcile::Import& import)
{
    const auto time = [](std::int64_t seconds) {
        return seconds == 0 ? boost::json::value(nullptr) : boost::json::value(rfc3339(seconds * 1000));
    };
    return {{"id", import.id},           {"person", import.person},       {"time", rfc3339(import.time_ms)},
            {"source", import.source},   {"companies", import.companies}, {"events", import.events},
            {"skipped", import.skipped}, {"first", time(import.first_s)}, {"last", time(import.last_s)},
            {"zoned", import.zoned},     {"parts", import.parts.size()}};
}

result<ImportWish> import_wish(const Parts& parts, std::string_view text)
{
    const auto query = Query::parse(text, {"person", "to"});
    if (!query)
        return query.error();
    if (const auto fault = fault_of_person((*query)["person"]); !fault.empty())
        return Problem{400, std::string(fault)};
    ImportWish wish{std::string(activity::trimmed((*query)["person"])), std::string((*query)["to"])};
    const auto imports = parts.imports.all();
    if (!wish.to.empty()) {
        const auto found = std::ranges::find(imports, wish.to, &reconcile::Import::id);
        if (found == imports.end())
            return Problem{404, "to: there is no such import: GET /api/v1/import names all there are"};
        if (!wish.person.empty() && wish.person != found->person)
            return Problem{400, "to: that import is of somebody else"};
        return wish;
    }
    std::set<std::string_view> people;
    for (const auto& import : imports)
        people.insert(import.person);
    if (!people.contains(wish.person) && people.size() >= most_people)
        return Problem{409, "person: there are imports of " + std::to_string(most_people) +
                                " people already: forget those of somebody first"};
    return wish;
}

server::LocalReply keep_import(const Parts& parts, const ImportWish& wish, activity::MetaExport&& content)
try {
    const auto measure = [&parts](const activity::MetaExport& list) {
        const auto seen = seen_until_now(parts);
        return reconcile::elsewhere_lately(list, seen.told, seen.begin_ms);
    };
    const auto kept = wish.to.empty() ? parts.imports.add(wish.person, content, now_ms(), measure)
                                      : parts.imports.add_part(wish.to, std::move(content), measure);
    return json_reply(import_shape(kept), 201);
} catch (const reconcile::NotWritten& error) {
    return problem_reply({500, error.what()});
} catch (const reconcile::ImportError& error) {
    return problem_reply({409, error.what()});
} catch (const std::exception& error) {
    return problem_reply({500, error.what()});
}

server::LocalReply post_import(const Parts& parts, const Call& call)
{
    if (const auto wish = import_wish(parts, call.query); !wish)
        return problem_reply(wish.error());
    return problem_reply({400, "the file is missing or empty: send what Meta gave, a .zip, .json or .html"});
}

server::LocalReply get_imports(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    boost::json::array items;
    for (const auto& import : parts.imports.all())
        items.push_back(import_shape(import));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply delete_import(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"id"});
    if (!query)
        return problem_reply(query.error());
    if (!parts.imports.remove((*query)["id"]))
        return problem_reply({404, "id: there is no such import: GET /api/v1/import names all there are"});
    return json_reply({{"forgotten", 1}});
}

} // namespace paravent::dashboard
