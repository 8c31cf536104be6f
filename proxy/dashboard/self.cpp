#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/place_file.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/dashboard/way_here.hpp"

#include <boost/json.hpp>

#include <algorithm>

// What a device may ask about itself, without login.
namespace paravent::dashboard {
namespace {

namespace json = boost::json;

std::shared_ptr<const tls::Authority> authority_called(const Parts& parts, std::string_view id)
{
    const auto all = parts.interception.authorities();
    const auto found =
        std::ranges::find(*all, id, [](const auto& authority) -> const auto& { return authority->id(); });
    return id.empty() || found == all->end() ? nullptr : *found;
}

/// A page over http asks the box over https, which is another origin: it may read the answer. The guard has let no
/// other site's page through.
void let_own_page_read(server::LocalReply& reply, const server::LocalRequest& request)
{
    if (const auto origin = request.field("Origin"); !origin.empty())
        reply.fields.emplace_back("Access-Control-Allow-Origin", origin);
    reply.fields.emplace_back("Vary", "Origin");
}

/// The asker's device, made where this is the first that is heard of it.
std::string device_of(const Parts& parts, const server::LocalRequest& request)
{
    // Asked of the neighbour table each time: another device may have the address of one that sleeps.
    return parts.policy.meet(request.client)->device.id;
}

/// When the host that Facebook's sign-in needs was last stopped for the device, within a day.
json::value login_stopped(const Parts& parts, const std::string& device)
{
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    statistics::EventQuery query;
    query.device = device;
    query.text = "connect.facebook.net";
    query.verdict = rules::Action::block;
    query.from_ms = now_ms() - day_ms;
    query.limit = 1;
    const auto page = parts.recorder.events(query);
    return page.items.empty() ? json::value(nullptr) : json::value(rfc3339(page.items.front().time_ms));
}

} // namespace

json::object self_shape(const Parts& parts, const server::LocalRequest& request)
{
    const auto settings = parts.settings();
    const auto home = parts.policy.home();
    const bool known = parts.policy.view()->client(request.client) != nullptr;
    const auto client = known ? parts.policy.meet(request.client) : nullptr;
    json::array names;
    for (const auto& name : settings->dashboard.names)
        names.emplace_back(name);
    const auto proxy = proxy_for(request, *settings);
    const auto elsewhere = origin_for_others(*settings);
    json::value authority = nullptr;
    if (const auto all = parts.interception.authorities(); !all->empty())
        authority = {{"fingerprint", all->front()->fingerprint()},
                     {"not_after", rfc3339(all->front()->not_after() * 1000)}};
    const auto kept = client ? client->device.privacy : home.privacy.value_or(settings->statistics.privacy);
    json::object out{{"address", request.client},
                     {"device", nullptr},
                     {"names", std::move(names)},
                     {"proxy", proxy ? json::value(*proxy) : json::value(nullptr)},
                     {"pac", plain_origin(request, *settings) + "/proxy.pac"},
                     {"elsewhere", elsewhere ? json::value(*elsewhere) : json::value(nullptr)},
                     {"authority", std::move(authority)},
                     {"privacy", config::name_of(kept)},
                     {"owner_sees", config::name_of(kept)},
                     {"may_ask", home.guests_may_ask},
                     {"login_stopped", nullptr},
                     {"place", offers_place(parts.state_directory)},
                     {"via_proxy", request.by_proxy}};
    if (client) {
        out["device"] = device_shape(parts, client->device);
        if (!client->device.facebook_login)
            out["login_stopped"] = login_stopped(parts, client->device.id);
    }
    return out;
}

server::LocalReply get_self(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    return json_reply(self_shape(parts, call.request));
}

server::LocalReply get_self_events(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"limit", "cursor"});
    if (!query)
        return problem_reply(query.error());
    auto wanted = event_query(*query, parts.policy);
    if (!wanted)
        return problem_reply(wanted.error());
    wanted->device = device_of(parts, call.request); // table D4: nobody else's
    return page_reply(parts.recorder.events(*wanted));
}

server::LocalReply post_self_exception(const Parts& parts, const Call& call)
{
    constexpr std::int64_t lasts_ms = 10 * 60 * 1000;
    constexpr std::ptrdiff_t most = 10; // of one device at once
    const auto body = body_of(call.request, {"site"});
    if (!body)
        return problem_reply(body.error());
    const auto* site = body->if_contains("site");
    if (site == nullptr || !site->is_string() || site->get_string().empty())
        return problem_reply({400, "site: missing: a domain (shop.example) or a full host (connect.facebook.net)"});
    if (!parts.policy.home().guests_may_ask)
        return problem_reply({403, "the owner of this Paravent does not let devices make exceptions for themselves: "
                                   "ask them, they can do it in two taps"});
    policy::Exception exception;
    exception.site = site->get_string();
    exception.device = device_of(parts, call.request);
    exception.until_ms = now_ms() + lasts_ms;
    const auto all = parts.policy.exceptions();
    if (std::ranges::count(all, exception.device, &policy::Exception::device) >= most)
        return problem_reply({409, "there are ten exceptions for this device already: wait until one ends"});
    return json_reply(shape(parts.policy.add(std::move(exception))), 201);
}

server::LocalReply post_self_check(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    if (const auto body = body_of(call.request, {}); !body)
        return problem_reply(body.error());
    json::object out;
    if (const auto authority = authority_called(parts, call.request.authority)) {
        const auto device = parts.policy.meet(call.request.client)->device.id;
        parts.interception.trust().proved(device, authority->id(), now_ms());
        parts.policy.set_trust(device, policy::Device::Trust::yes);
        (void)parts.interception.save(); // on a full disk the device proves it again, after the next start
        out = {{"trust", "yes"}, {"authority", authority->fingerprint()}};
    } else {
        const auto& names = parts.settings()->dashboard.names;
        out = {{"trust", "unknown"}, {"check", nullptr}};
        if (!names.empty())
            out["check"] = "https://" + names.front() + "/api/v1/self/check";
    }
    auto reply = json_reply(out);
    let_own_page_read(reply, call.request);
    return reply;
}

} // namespace paravent::dashboard
