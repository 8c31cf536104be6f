#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {

server::LocalReply get_bypasses(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    boost::json::array items;
    for (const auto& bypass : parts.interception.bypasses().bypasses(now_ms()))
        items.push_back(shape(bypass));
    return json_reply(page_of(std::move(items)));
}

server::LocalReply delete_bypass(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    if (!parts.interception.bypasses().remove(call.name)) {
        std::vector<std::string> ids;
        for (const auto& bypass : parts.interception.bypasses().bypasses(now_ms()))
            ids.push_back(bypass.id);
        return problem_reply({404, "there is no bypass \"" + call.name.substr(0, 40) + "\"; " + those_there(ids)});
    }
    if (const auto error = parts.interception.save())
        return problem_reply({500, "the bypass is gone, but comes back with the next start: the state directory "
                                   "cannot be written (" +
                                       error.message() + ")"});
    return done_reply();
}

void forget_interception(const Parts& parts, std::string_view device)
{
    parts.interception.forget_device(device);
    if (device.empty())
        for (const auto& each : parts.policy.devices())
            parts.policy.set_trust(each.id, policy::Device::Trust::unknown);
    else
        parts.policy.set_trust(device, policy::Device::Trust::unknown);
    if (const auto error = parts.interception.save())
        throw std::runtime_error("not all is forgotten: the state directory cannot be written (" + error.message() +
                                 ")");
}

} // namespace paravent::dashboard
