#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

Problem bad(std::string_view key, std::string_view way_out)
{
    return {400, std::string(key) + ": " + std::string(way_out)};
}

/// null goes back to the file's value: a set but empty inner value.
result<std::optional<std::optional<bool>>> yes_or_no(const json::object& body, std::string_view key)
{
    std::optional<std::optional<bool>> out;
    if (const auto* value = body.if_contains(key)) {
        if (!value->is_bool() && !value->is_null())
            return bad(key, "is true, false or null (the settings file's value)");
        out.emplace(value->is_bool() ? std::optional(value->get_bool()) : std::nullopt);
    }
    return out;
}

template <class T>
result<std::optional<std::optional<T>>> named(const json::object& body, std::string_view key,
                                              std::optional<T> (*from_name)(std::string_view) noexcept, std::string_view words)
{
    std::optional<std::optional<T>> out;
    if (const auto* value = body.if_contains(key)) {
        out.emplace();
        if (value->is_string())
            *out = from_name(value->get_string());
        if (!value->is_null() && !*out)
            return bad(key, std::string("is one of ") + std::string(words) + " or null (the settings file's value)");
    }
    return out;
}

result<std::optional<std::optional<std::int64_t>>> time_ahead(const json::object& body, std::string_view key)
{
    std::optional<std::optional<std::int64_t>> out;
    if (const auto* value = body.if_contains(key)) {
        out.emplace();
        if (value->is_string())
            *out = parse_time(value->get_string());
        else if (value->is_int64())
            *out = parse_time(std::to_string(value->get_int64()));
        if (!value->is_null() && !*out)
            return bad(key, "is a time (2026-11-24T09:00:00Z, or seconds since 1970) or null");
    }
    return out;
}

result<policy::DeviceChange> change_of(const json::object& body)
{
    policy::DeviceChange change;
    if (const auto* name = body.if_contains("name")) {
        if (!name->is_string() && !name->is_null())
            return bad("name", "is a text or null");
        change.name = name->is_string() ? std::string(name->get_string()) : std::string{};
    }
    const auto profile = named(body, "profile", config::profile_named, "off, log, standard, strict");
    const auto privacy = named(body, "privacy", config::privacy_named, "counters, events, full");
    const auto paused = time_ahead(body, "paused_until");
    const auto intercept = yes_or_no(body, "intercept");
    const auto apps = yes_or_no(body, "meta_apps"), login = yes_or_no(body, "facebook_login"),
               browsers = yes_or_no(body, "browsers_only");
    for (const Problem* problem : {profile ? nullptr : &profile.error(), privacy ? nullptr : &privacy.error(),
                                   paused ? nullptr : &paused.error(), intercept ? nullptr : &intercept.error(),
                                   apps ? nullptr : &apps.error(), login ? nullptr : &login.error(),
                                   browsers ? nullptr : &browsers.error()})
        if (problem != nullptr)
            return *problem;
    if (*intercept && **intercept == true)
        return Problem{409, "intercept: there is no authority, so nothing can be decrypted in this version"};
    change.profile = *profile;
    change.privacy = *privacy;
    change.paused_until_ms = *paused;
    change.intercept = *intercept;
    change.meta_apps = *apps;
    change.facebook_login = *login;
    change.browsers_only = *browsers;
    return change;
}

} // namespace

server::LocalReply get_devices(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    json::array items;
    for (const auto& device : parts.policy.devices())
        items.push_back(shape(device));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply patch_device(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"name", "profile", "intercept", "meta_apps", "facebook_login", "browsers_only",
                                             "privacy", "paused_until"});
    if (!body)
        return problem_reply(body.error());
    const auto change = change_of(*body);
    if (!change)
        return problem_reply(change.error());
    std::string id;
    try {
        id = parts.policy.device(call.name).id;
    } catch (const policy::PolicyError& error) {
        return problem_reply({404, error.what()});
    }
    return json_reply(shape(parts.policy.change(id, *change)));
}

server::LocalReply delete_device(const Parts& parts, const Call& call)
{
    const auto id = device_id(parts.policy, call.name);
    if (!id)
        return problem_reply({404, id.error().detail});
    const auto forgotten = parts.recorder.forget(*id, {});
    parts.policy.forget_device(*id);
    return json_reply({{"forgotten", forgotten}});
}

server::LocalReply get_self(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    json::object out{{"address", call.request.client}, {"device", nullptr}};
    if (const auto client = parts.policy.view()->client(call.request.client))
        out["device"] = shape(client->device);
    return json_reply(out);
}

} // namespace paravent::dashboard
