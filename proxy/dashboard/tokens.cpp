// What programs show instead of a session.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/guard.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

json::object token_shape(const Door::Token& token)
{
    return {{"id", token.id},
            {"name", token.name},
            {"created", rfc3339(token.created_ms)},
            {"last_used", token.last_used_ms ? json::value(rfc3339(*token.last_used_ms)) : json::value(nullptr)}};
}

} // namespace

server::LocalReply get_tokens(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    json::array items;
    for (auto token = parts.door.tokens().rbegin(); token != parts.door.tokens().rend(); ++token)
        items.push_back(token_shape(*token));
    return json_reply({{"items", std::move(items)}, {"next", nullptr}});
}

server::LocalReply post_token(const Parts& parts, const Call& call)
{
    // A token that leaks is taken back; one that had made others could not be.
    const auto bearer = bearer_of(call.request);
    if (!bearer.empty() && !parts.door.is_service_token(bearer))
        return problem_reply({403, "a program's token makes no others: log in, or use the service's own"});
    const auto body = body_of(call.request, {"name"});
    if (!body)
        return problem_reply(body.error());
    const auto* name = body->if_contains("name");
    constexpr std::size_t longest = 100;
    if (name == nullptr || !name->is_string() || name->get_string().empty() || name->get_string().size() > longest)
        return problem_reply({400, "name: is a text of 1 to 100 characters: what the token is for"});
    const auto made = parts.door.add_token(std::string(name->get_string()));
    auto out = token_shape(made.token);
    out.erase("last_used");
    out["token"] = made.secret;
    return json_reply(out, 201);
}

server::LocalReply delete_token(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"id"});
    if (!query)
        return problem_reply(query.error());
    if (!parts.door.remove_token((*query)["id"]))
        return problem_reply({404, "id: there is no such token: GET /api/v1/tokens names all there are"});
    return done_reply();
}

} // namespace paravent::dashboard
