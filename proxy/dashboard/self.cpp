#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"

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

} // namespace

server::LocalReply get_self(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    json::object out{{"address", call.request.client}, {"device", nullptr}};
    if (const auto client = parts.policy.view()->client(call.request.client))
        out["device"] = device_shape(parts, client->device);
    return json_reply(out);
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
