// "Was that mine?": a value comes in and never goes out again; answers say kinds and counts alone.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;
using activity::Own;

json::object shape(const policy::Policy& policy)
{
    json::array items;
    if (const auto mine = policy.mine())
        for (const auto kind : {Own::em, Own::ph})
            if (const auto count = mine->marks(kind).size(); count != 0)
                items.push_back({{"kind", activity::name_of(kind)}, {"count", count}});
    return page_of(std::move(items));
}

/// What a body names.
struct Named {
    std::optional<Own> kind;
    std::optional<std::string> value;
};

result<Named> named_in(const Call& call)
{
    if (!call.query.empty())
        return Problem{400, "kind and value stand in the body, where no log has them"};
    const auto read = body_of(call.request, {"kind", "value"});
    if (!read)
        return read.error();
    const auto& body = *read;
    Named named;
    if (const auto* kind = body.if_contains("kind")) {
        named.kind = kind->is_string() ? activity::own_named(kind->get_string()) : std::nullopt;
        if (!named.kind)
            return Problem{400, "kind: is em (an e-mail address) or ph (a phone number)"};
    }
    if (const auto* value = body.if_contains("value")) {
        if (!value->is_string())
            return Problem{400, "value: is a text"};
        named.value = std::string(value->get_string());
    }
    if (named.value && !named.kind)
        return Problem{400, "kind: missing: em (an e-mail address) or ph (a phone number)"};
    return named;
}

} // namespace

server::LocalReply get_mine(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    return json_reply(shape(parts.policy));
}

server::LocalReply post_mine(const Parts& parts, const Call& call)
{
    const auto named = named_in(call);
    if (!named)
        return problem_reply(named.error());
    if (!named->kind || !named->value)
        return problem_reply({400, R"(the body is {"kind": "em" or "ph", "value": "…"})"});
    const bool added = parts.policy.add_mine(*named->kind, *named->value);
    return json_reply(shape(parts.policy), added ? 201 : 200);
}

server::LocalReply delete_mine(const Parts& parts, const Call& call)
{
    const auto named = named_in(call);
    if (!named)
        return problem_reply(named.error());
    if (!named->value)
        return json_reply({{"removed", parts.policy.remove_mine(named->kind)}});
    if (!parts.policy.remove_mine(*named->kind, *named->value))
        return problem_reply({404, "this " + std::string(activity::words_for(*named->kind)) + " was not given"});
    return json_reply({{"removed", 1}});
}

} // namespace paravent::dashboard
