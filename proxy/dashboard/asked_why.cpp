#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/dashboard/why.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {

server::LocalReply get_why(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"url", "from", "type", "method", "device", "profile"});
    if (!query)
        return problem_reply(query.error());
    auto device = undescribed_device(*parts.settings());
    if (const auto wanted = (*query)["device"]; !wanted.empty()) {
        try {
            device = parts.policy.known(wanted);
        } catch (const policy::PolicyError& error) {
            return problem_reply({404, error.what()});
        }
    }
    if (const auto name = (*query)["profile"]; !name.empty()) {
        const auto profile = config::profile_named(name);
        if (!profile)
            return problem_reply({400, "profile: is one of off, log, standard, strict"});
        device.profile = *profile;
    }
    Question question{(*query)["url"], (*query)["from"], (*query)["type"]};
    describe_interception(parts.interception, device, question, now_ms());
    const auto client = client_of(std::move(device), parts.policy.exceptions(), parts.policy.sites());
    if (const auto method = (*query)["method"]; !method.empty())
        question.method = method;
    const auto answer = explain(*parts.ruleset(), client, question, now_ms());
    return answer ? json_reply(*answer) : problem_reply(answer.error());
}

} // namespace paravent::dashboard
