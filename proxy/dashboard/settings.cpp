// What the owner sets for the whole home.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/change_reader.hpp"
#include "proxy/dashboard/time.hpp"

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

std::string duration_text(config::Duration duration)
{
    static constexpr std::pair<std::int64_t, std::string_view> units[] = {
        {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1'000, "s"}};
    for (const auto& [ms, unit] : units)
        if (duration.count() != 0 && duration.count() % ms == 0)
            return std::to_string(duration.count() / ms) + std::string(unit);
    return std::to_string(duration.count() / 1000) + "s";
}

json::object settings_shape(const Parts& parts)
{
    const auto file = parts.settings();
    const auto home = parts.policy.home();
    json::array changed;
    const auto said = [&](bool by_owner, std::string_view key) {
        if (by_owner)
            changed.emplace_back(key);
    };
    said(home.profile.has_value(), "profile");
    said(home.privacy.has_value(), "privacy");
    said(home.retention.has_value(), "retention");
    const auto& statistics = file->statistics;
    return {{"profile", config::name_of(home.profile.value_or(file->profile))},
            {"privacy", config::name_of(home.privacy.value_or(statistics.privacy))},
            {"retention", duration_text(home.retention.value_or(statistics.retention))},
            {"language", home.language.empty() ? json::value(nullptr) : json::value(home.language)},
            {"guests_may_ask", home.guests_may_ask},
            {"require_login", home.require_login.value_or(parts.door.has_password())},
            {"paused_until", home.paused_until_ms ? json::value(rfc3339(*home.paused_until_ms)) : json::value(nullptr)},
            {"from_file",
             {{"profile", config::name_of(file->profile)},
              {"privacy", config::name_of(statistics.privacy)},
              {"retention", duration_text(statistics.retention)}}},
            {"changed", std::move(changed)}};
}

/// As the settings file takes it.
std::optional<config::Duration> retention_of(const json::value& value)
{
    constexpr config::Duration least = std::chrono::seconds{1}, most = std::chrono::days{3650};
    const auto duration = value.is_string() ? config::parse_duration(value.get_string()) : std::nullopt;
    return duration && *duration >= least && *duration <= most ? duration : std::nullopt;
}

result<policy::HomeChange> change_of(const json::object& body, bool has_password)
{
    policy::HomeChange change;
    ChangeReader reader(body);
    reader.named("profile", change.profile, "off, log, standard, strict", config::profile_named);
    reader.named("privacy", change.privacy, "counters, events, full", config::privacy_named);
    reader.read("retention", change.retention, "a duration from 1s to 3650d, such as \"30d\",", retention_of);
    reader.read("language", change.language, "en, fr", [](const json::value& v) {
        return v.is_string() && policy::is_language(v.get_string()) ? std::optional(std::string(v.get_string()))
                                                                    : std::nullopt;
    });
    reader.yes_or_no("guests_may_ask", change.guests_may_ask);
    reader.yes_or_no("require_login", change.require_login);
    reader.read("paused_until", change.paused_until_ms, "a time (2026-11-24T09:00:00Z, seconds since 1970)", time_of);
    if (reader.problem)
        return *reader.problem;
    if (change.require_login && *change.require_login == true && !has_password)
        return Problem{409, "require_login: set a password first, or nobody could log in"};
    return change;
}

} // namespace

server::LocalReply get_settings(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    return json_reply(settings_shape(parts));
}

server::LocalReply patch_settings(const Parts& parts, const Call& call)
{
    const auto body = body_of(call.request, {"profile", "privacy", "retention", "language", "guests_may_ask",
                                             "require_login", "paused_until"});
    if (!body)
        return problem_reply(body.error());
    const auto change = change_of(*body, parts.door.has_password());
    if (!change)
        return problem_reply(change.error());
    parts.policy.change_home(*change);
    if (change->retention)
        parts.take_retention();
    return json_reply(settings_shape(parts));
}

} // namespace paravent::dashboard
