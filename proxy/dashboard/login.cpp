// Logging in and out, and the password that it takes.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/guard.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

/// What it takes to become the owner from here.
std::string_view login_from(const Parts& parts, const server::LocalRequest& request)
{
    if (request.loopback && !parts.policy.home().require_login.value_or(parts.door.has_password()))
        return "open";
    return parts.door.has_password() ? "password" : "code";
}

/// Nothing: it was right.
std::optional<server::LocalReply> refusal_of(const Door::Tried& tried, std::string_view what)
{
    if (tried.right)
        return {};
    if (tried.wait_ms == 0)
        return problem_reply({403, "this " + std::string(what) + " is not right" +
                                       (what == "code" ? ": `paravent password --code` shows it" : "")});
    const auto seconds = std::to_string((tried.wait_ms + 999) / 1000);
    auto reply = problem_reply({429, "there were too many wrong tries from here: wait " + seconds + " s"});
    reply.fields.emplace_back("Retry-After", seconds);
    return reply;
}

/// A browser keeps it for the session's time; no page's script can read it.
void give_session(const Parts& parts, const server::LocalRequest& request, server::LocalReply& reply)
{
    std::string cookie(session_cookie(request.secure));
    cookie += "=" + parts.door.open_session() + "; Path=/; HttpOnly; SameSite=Strict";
    cookie += "; Max-Age=" + std::to_string(Door::session_ms / 1000);
    reply.fields.emplace_back("Set-Cookie", cookie + (request.secure ? "; Secure" : ""));
}

/// A member that is a text; empty where it is missing.
result<std::string> text_in(const json::object& body, std::string_view key)
{
    const auto* value = body.if_contains(key);
    if (value == nullptr || value->is_null())
        return std::string{};
    if (!value->is_string())
        return Problem{400, std::string(key) + ": is a text"};
    return std::string(value->get_string());
}

/// Who may set a password: who has the old one, or access to this computer: its token, its one-time code, its loopback.
std::optional<server::LocalReply> not_allowed_to_set(const Parts& parts, const server::LocalRequest& request,
                                                     std::string_view old, std::string_view code)
{
    auto& door = parts.door;
    if (door.is_service_token(bearer_of(request)))
        return {};
    if (!door.has_password()) {
        if (request.loopback && code.empty())
            return {};
        if (code.empty())
            return problem_reply({403, "code: missing: the one-time code that the service prints at its start, or "
                                       "`paravent password --code` shows"});
        return refusal_of(door.try_code(request.client, code), "code");
    }
    if (!code.empty())
        return problem_reply({409, "code: a password was set already, so the code is of no use: log in with it"});
    if (old.empty())
        return problem_reply({403, "old: missing: the password that holds now"});
    return refusal_of(door.try_password(request.client, old), "password");
}

} // namespace

server::LocalReply get_session(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto language = parts.policy.home().language;
    return json_reply({{"owner", is_owner(call.request, parts.door)},
                       {"login", login_from(parts, call.request)},
                       {"language", language.empty() ? json::value(nullptr) : json::value(language)},
                       {"version", parts.server().version}});
}

server::LocalReply post_session(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"password"});
    if (!body)
        return problem_reply(body.error());
    const auto password = text_in(*body, "password");
    if (!password)
        return problem_reply(password.error());
    const auto login = login_from(parts, call.request);
    if (login == "code")
        return problem_reply({403, "there is no password yet: send the one-time code and a new password by PUT to "
                                   "/api/v1/password"});
    if (login == "password")
        if (auto refusal = refusal_of(parts.door.try_password(call.request.client, *password), "password"))
            return *refusal;
    auto reply = json_reply({{"owner", true}});
    give_session(parts, call.request, reply);
    return reply;
}

server::LocalReply delete_session(const Parts& parts, const Call& call)
{
    if (const auto session = session_of(call.request); !session.empty())
        parts.door.end_session(session);
    auto reply = done_reply();
    reply.fields.emplace_back("Set-Cookie", std::string(session_cookie(call.request.secure)) +
                                                "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" +
                                                (call.request.secure ? "; Secure" : ""));
    return reply;
}

server::LocalReply get_password(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto code = parts.door.code();
    return json_reply(
        {{"set", parts.door.has_password()}, {"code", code.empty() ? json::value(nullptr) : json::value(code)}});
}

server::LocalReply put_password(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"new", "old", "code"});
    if (!body)
        return problem_reply(body.error());
    std::string texts[3];
    for (std::size_t i = 0; const auto* key : {"new", "old", "code"}) {
        auto text = text_in(*body, key);
        if (!text)
            return problem_reply(text.error());
        texts[i++] = std::move(*text);
    }
    const auto& [wanted, old, code] = texts;
    if (const auto problem = problem_with_password(wanted); !problem.empty())
        return problem_reply({400, "new: " + std::string(problem)});
    if (auto refusal = not_allowed_to_set(parts, call.request, old, code))
        return *refusal;
    parts.door.set_password(wanted);
    auto reply = done_reply();
    if (call.request.field("Authorization").empty())
        give_session(parts, call.request, reply);
    return reply;
}

} // namespace paravent::dashboard
