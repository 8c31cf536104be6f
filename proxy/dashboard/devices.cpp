#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/change_reader.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

/// `has_authority`: whether anything can be decrypted.
result<policy::DeviceChange> change_of(const json::object& body, bool has_authority)
{
    policy::DeviceChange change;
    ChangeReader reader(body);
    std::optional<std::optional<std::string>> name;
    reader.read("name", name, "a text", [](const json::value& v) {
        return v.is_string() ? std::optional(std::string(v.get_string())) : std::nullopt;
    });
    if (name)
        change.name = name->value_or("");
    reader.named("profile", change.profile, "off, log, standard, strict", config::profile_named);
    reader.named("privacy", change.privacy, "counters, events, full", config::privacy_named);
    reader.read("paused_until", change.paused_until_ms, "a time (2026-11-24T09:00:00Z, seconds since 1970)", time_of);
    reader.yes_or_no("intercept", change.intercept);
    reader.yes_or_no("meta_apps", change.meta_apps);
    reader.yes_or_no("facebook_login", change.facebook_login);
    reader.yes_or_no("browsers_only", change.browsers_only);
    if (reader.problem)
        return *reader.problem;
    if (change.intercept && *change.intercept == true && !has_authority)
        return Problem{409, "intercept: there is no certificate authority yet, so nothing can be decrypted: "
                            "`paravent authority create` makes one"};
    return change;
}

} // namespace

json::object device_shape(const Parts& parts, const policy::Device& device)
{
    auto out = shape(device);
    const bool proved =
        parts.interception.trust().choose(device.id, *parts.interception.authorities(), now_ms()).proved;
    out["trust"] = proved ? "yes" : "unknown";
    return out;
}

server::LocalReply get_devices(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    json::array items;
    for (const auto& device : parts.policy.devices())
        items.push_back(device_shape(parts, device));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply get_device(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    try {
        return json_reply(device_shape(parts, parts.policy.known(call.name)));
    } catch (const policy::PolicyError& error) {
        return problem_reply({404, error.what()});
    }
}

server::LocalReply patch_device(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"name", "profile", "intercept", "meta_apps", "facebook_login",
                                             "browsers_only", "privacy", "paused_until"});
    if (!body)
        return problem_reply(body.error());
    const auto change = change_of(*body, !parts.interception.authorities()->empty());
    if (!change)
        return problem_reply(change.error());
    std::string id;
    try {
        id = parts.policy.device(call.name).id;
    } catch (const policy::PolicyError& error) {
        return problem_reply({404, error.what()});
    }
    return json_reply(device_shape(parts, parts.policy.change(id, *change)));
}

server::LocalReply delete_device(const Parts& parts, const Call& call)
{
    const auto id = device_id(parts.policy, call.name);
    if (!id)
        return problem_reply({404, id.error().detail});
    const auto forgotten = parts.recorder.forget(*id, {});
    forget_interception(parts, *id);
    parts.policy.forget_device(*id);
    return json_reply({{"forgotten", forgotten}});
}

} // namespace paravent::dashboard
