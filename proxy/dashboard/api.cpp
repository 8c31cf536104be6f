#include "proxy/dashboard/api.hpp"

#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/guard.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace paravent::dashboard {
namespace {

constexpr std::size_t largest_from_strangers = 16 * 1024;

using Handler = server::LocalReply (*)(const Parts&, const Call&);

struct Path {
    std::string_view method;
    std::string_view pattern; ///< at most one part is {name}
    Handler handler;
    Access access = Access::owner;
};

constexpr Path paths[] = {
    {"GET", "/", get_page, Access::visitor},
    {"GET", "/setup", get_setup, Access::anyone},
    {"GET", "/demo", get_demo, Access::anyone},
    {"GET", "/assets/{name}", get_asset, Access::anyone},
    {"GET", "/authority.crt", get_certificate, Access::anyone},
    {"GET", "/paravent.mobileconfig", get_mobileconfig, Access::anyone},
    {"GET", "/proxy.pac", get_pac, Access::anyone},
    {"GET", "/wpad.dat", get_pac, Access::anyone},
    {"GET", "/qr.svg", get_qr, Access::visitor},
    {"GET", "/metrics", get_metrics, Access::visitor},
    {"GET", "/healthz", get_health, Access::anyone},
    {"GET", "/authority/{id}/root.crl", get_root_crl, Access::anyone},
    {"GET", "/authority/{id}/meta.crl", get_meta_crl, Access::anyone},
    {"GET", "/authority/{id}/box.crl", get_box_crl, Access::anyone},
    {"GET", "/api/v1/openapi.json", get_openapi},
    {"GET", "/api/v1/status", get_status},
    {"GET", "/api/v1/stats", get_stats},
    {"GET", "/api/v1/settings", get_settings},
    {"PATCH", "/api/v1/settings", patch_settings},
    {"GET", "/api/v1/place", get_place},
    {"PUT", "/api/v1/place", put_place},
    {"GET", "/api/v1/session", get_session, Access::visitor},
    {"POST", "/api/v1/session", post_session, Access::visitor},
    {"DELETE", "/api/v1/session", delete_session, Access::visitor},
    {"GET", "/api/v1/password", get_password},
    {"PUT", "/api/v1/password", put_password, Access::visitor},
    {"GET", "/api/v1/tokens", get_tokens},
    {"POST", "/api/v1/tokens", post_token},
    {"DELETE", "/api/v1/tokens", delete_token},
    {"GET", "/api/v1/today", get_today},
    {"GET", "/api/v1/checklist", get_checklist},
    {"PATCH", "/api/v1/checklist", patch_checklist},
    {"GET", "/api/v1/checklist.ics", get_checklist_dates},
    {"POST", "/api/v1/import", post_import},
    {"GET", "/api/v1/import", get_imports},
    {"DELETE", "/api/v1/import", delete_import},
    {"GET", "/api/v1/reconcile", get_reconcile},
    {"GET", "/api/v1/withheld", get_withheld},
    {"GET", "/api/v1/withheld.csv", get_withheld_csv},
    {"POST", "/api/v1/decode", post_decode},
    {"GET", "/api/v1/self/events", get_self_events, Access::visitor},
    {"POST", "/api/v1/self/exceptions", post_self_exception, Access::visitor},
    {"GET", "/api/v1/events", get_events},
    {"DELETE", "/api/v1/events", delete_events},
    {"GET", "/api/v1/events/stream", get_events_stream},
    {"GET", "/api/v1/events.csv", get_events_csv},
    {"GET", "/api/v1/self", get_self, Access::visitor},
    {"POST", "/api/v1/self/check", post_self_check, Access::own_pages},
    {"GET", "/api/v1/devices", get_devices},
    {"GET", "/api/v1/devices/{id}", get_device},
    {"PATCH", "/api/v1/devices/{id}", patch_device},
    {"DELETE", "/api/v1/devices/{id}", delete_device},
    {"GET", "/api/v1/exceptions", get_exceptions},
    {"POST", "/api/v1/exceptions", post_exception},
    {"DELETE", "/api/v1/exceptions/{id}", delete_exception},
    {"GET", "/api/v1/mine", get_mine},
    {"POST", "/api/v1/mine", post_mine},
    {"DELETE", "/api/v1/mine", delete_mine},
    {"GET", "/api/v1/authority", get_authority},
    {"POST", "/api/v1/authority", post_authority},
    {"DELETE", "/api/v1/authority", delete_authority},
    {"GET", "/api/v1/bypasses", get_bypasses},
    {"DELETE", "/api/v1/bypasses/{id}", delete_bypass},
    {"GET", "/api/v1/lists", get_lists},
    {"POST", "/api/v1/lists", post_list},
    {"PATCH", "/api/v1/lists/{name}", patch_list},
    {"DELETE", "/api/v1/lists/{name}", delete_list},
    {"POST", "/api/v1/lists/update", post_lists_update},
    {"GET", "/api/v1/sites", get_sites},
    {"GET", "/api/v1/sites/{site}", get_site},
    {"PATCH", "/api/v1/sites/{site}", patch_site},
    {"GET", "/api/v1/why", get_why},
    {"GET", "/api/v1/backup", get_backup},
    {"POST", "/api/v1/backup", post_backup},
    {"POST", "/api/v1/restore", post_restore},
};

/// The {name} that makes `pattern` the path (empty for a pattern without one); nothing where they differ.
std::optional<std::string> match(std::string_view pattern, std::string_view path)
{
    const auto open = pattern.find('{');
    if (open == std::string_view::npos)
        return pattern == path ? std::optional(std::string{}) : std::nullopt;
    const auto before = pattern.substr(0, open), behind = pattern.substr(pattern.find('}') + 1);
    if (!path.starts_with(before) || path.size() < before.size() + behind.size() || !path.ends_with(behind))
        return {};
    const auto name = path.substr(open, path.size() - before.size() - behind.size());
    if (name.empty() || name.find('/') != std::string_view::npos)
        return {};
    return percent_decoded(name, false);
}

server::LocalReply with_security_fields(server::LocalReply reply)
{
    const auto add = [&](std::string_view name, std::string_view value) {
        if (std::none_of(reply.fields.begin(), reply.fields.end(), [&](const auto& f) { return f.first == name; }))
            reply.fields.emplace_back(name, value);
    };
    add("Cache-Control", "no-store");
    add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    add("Cross-Origin-Resource-Policy", "same-origin");
    add("Referrer-Policy", "no-referrer");
    add("X-Content-Type-Options", "nosniff");
    add("X-Frame-Options", "DENY");
    return reply;
}

/// What a request's method and target say.
struct Place {
    const Path* path = nullptr; ///< null: nothing is there for this method
    std::string name;           ///< the {name}
    std::string_view query;
    std::string allow; ///< the methods that are there; empty: nothing is
    Access access = Access::owner;
};

Place place_of(const server::LocalRequest& request)
{
    const std::string_view target = request.target;
    const auto path = target.substr(0, target.find('?'));
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);

    // A path without its own row is held to the owner's conditions, so that a stranger does not learn what there is.
    Place place;
    place.query = target.substr(std::min(target.size(), path.size() + 1));
    place.access = path.starts_with("/api/") ? Access::owner : Access::visitor;
    bool there = false;
    for (const auto& each : paths) {
        auto matched = match(each.pattern, path);
        if (!matched || (place.path != nullptr && each.pattern.find('{') != std::string_view::npos))
            continue;
        place.allow += (place.allow.empty() ? "" : ", ") + std::string(each.method);
        if (each.method == "GET")
            place.allow += ", HEAD";
        // A method's own row decides, and for a method that is not there the strictest of the path's rows.
        if (each.method == method) {
            place.path = &each;
            place.name = std::move(*matched);
            place.access = each.access;
        } else if (place.path == nullptr) {
            place.access = there ? std::max(place.access, each.access) : each.access;
        }
        there = true;
    }
    return place;
}

/// Whom the dashboard does not serve, and what is not there.
std::optional<server::LocalReply> refusal(const Parts& parts, const server::LocalRequest& request, const Place& place)
{
    if (auto reply = refused(request, *parts.settings(), parts.door, place.access))
        return reply;
    const auto path = request.target.substr(0, std::min<std::size_t>(200, request.target.find('?')));
    if (place.allow.empty())
        return problem_reply({404, "there is nothing at " + path + ": /api/v1/openapi.json names all there is"});
    if (place.path != nullptr)
        return {};
    auto reply = problem_reply({405, request.method.substr(0, 40) + " is not for " + path + ": " + place.allow});
    reply.fields.emplace_back("Allow", place.allow);
    return reply;
}

} // namespace

Api::Api(Parts parts) : parts_(std::move(parts)) {}

server::Beginning Api::begins(const server::LocalRequest& head) const
try {
    server::Beginning beginning;
    const auto place = place_of(head);
    if (auto reply = refusal(parts_, head, place)) {
        beginning.refusal = with_security_fields(std::move(*reply));
        return beginning;
    }
    if (place.path != nullptr && place.path->handler == post_import)
        return begin_import(place.query);
    // What all bodies take together is bounded, and strangers are not to use it up.
    if (place.access != Access::owner)
        beginning.most_body = largest_from_strangers;
    return beginning;
} catch (const std::exception& error) {
    server::Beginning beginning;
    beginning.refusal = with_security_fields(problem_reply({503, error.what()}));
    return beginning;
}

server::Beginning Api::begin_import(std::string_view query) const
{
    server::Beginning beginning;
    const auto wish = import_wish(parts_, query);
    if (!wish) {
        beginning.refusal = with_security_fields(problem_reply(wish.error()));
    } else if (!importing_.expired()) {
        beginning.refusal =
            with_security_fields(problem_reply({409, "another import is on its way: wait until it is done"}));
    } else {
        const auto importing = std::make_shared<Importing>(
            parts_.import_program, [parts = &parts_, wish = *wish](activity::MetaExport&& content) {
                return with_security_fields(keep_import(*parts, wish, std::move(content)));
            });
        if (const auto problem = importing->start(); !problem.empty()) {
            beginning.refusal = with_security_fields(problem_reply({503, problem}));
        } else {
            importing_ = importing;
            beginning.intake = importing;
        }
    }
    return beginning;
}

server::LocalReply Api::answers(const server::LocalRequest& request) const
{
    auto place = place_of(request);
    if (auto reply = refusal(parts_, request, place))
        return with_security_fields(std::move(*reply));
    server::LocalReply reply;
    try {
        reply = place.path->handler(parts_, {request, place.query, std::move(place.name)});
    } catch (const policy::PolicyError& error) {
        reply = problem_reply({400, error.what()});
    } catch (const std::exception& error) {
        reply = problem_reply({500, error.what()});
    }
    return with_security_fields(std::move(reply));
}

server::LocalSite local_site(Parts parts)
{
    const auto api = std::make_shared<const Api>(std::move(parts));
    return {[api](const server::LocalRequest& head) { return api->begins(head); },
            [api](const server::LocalRequest& whole) { return api->answers(whole); }};
}

std::vector<std::string> served_paths()
{
    std::vector<std::string> out;
    for (const auto& path : paths)
        out.push_back(std::string(path.method) + " " + std::string(path.pattern));
    return out;
}

} // namespace paravent::dashboard
