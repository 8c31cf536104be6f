#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

result<policy::Exception> exception_of(const boost::json::object& body, policy::Policy& policy)
{
    policy::Exception exception;
    const auto* site = body.if_contains("site");
    if (site == nullptr || !site->is_string() || site->get_string().empty())
        return Problem{400, "site: missing: a domain (shop.example) or a full host (connect.facebook.net)"};
    exception.site = site->get_string();
    if (const auto* verdict = body.if_contains("verdict")) {
        if (!verdict->is_string() || (verdict->get_string() != "allow" && verdict->get_string() != "block"))
            return Problem{400, "verdict: is allow or block"};
        exception.verdict = verdict->get_string() == "allow" ? rules::Action::allow : rules::Action::block;
    }
    if (const auto* until = body.if_contains("until"); until != nullptr && !until->is_null()) {
        exception.until_ms = time_of(*until);
        if (!exception.until_ms || *exception.until_ms <= now_ms())
            return Problem{400, "until: is a time to come (2026-11-24T09:00:00Z, or seconds since 1970) or null"};
    }
    if (const auto* device = body.if_contains("device"); device != nullptr && !device->is_null()) {
        if (!device->is_string() || device->get_string().empty())
            return Problem{400, "device: is an id, a name, an address or null (every device)"};
        exception.device = policy.device(device->get_string()).id;
    }
    return exception;
}

} // namespace

server::LocalReply get_exceptions(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    boost::json::array items;
    for (const auto& exception : parts.policy.exceptions())
        items.push_back(shape(exception));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply post_exception(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"site", "device", "until", "verdict"});
    if (!body)
        return problem_reply(body.error());
    const auto exception = exception_of(*body, parts.policy);
    if (!exception)
        return problem_reply(exception.error());
    const auto added = parts.policy.add(*exception);
    auto reply = json_reply(shape(added), 201);
    reply.fields.emplace_back("Location", "/api/v1/exceptions/" + added.id);
    return reply;
}

server::LocalReply delete_exception(const Parts& parts, const Call& call)
{
    if (!parts.policy.remove_exception(call.name)) {
        std::vector<std::string> ids;
        for (const auto& exception : parts.policy.exceptions())
            ids.push_back(exception.id);
        return problem_reply({404, "there is no exception \"" + call.name.substr(0, 40) + "\"; " + those_there(ids)});
    }
    return done_reply();
}

} // namespace paravent::dashboard
