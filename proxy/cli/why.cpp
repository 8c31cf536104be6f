#include "proxy/dashboard/why.hpp"

#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/lists/lists.hpp"

#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace paravent::cli {
namespace {

using boost::json::object;

/// What the owner changed, where there is anything; asking must not make a state directory.
std::unique_ptr<policy::Policy> policy_at(const std::filesystem::path& state, const config::Settings& settings)
{
    std::error_code error;
    return std::filesystem::exists(state / "policy.json", error) ? std::make_unique<policy::Policy>(state, settings)
                                                                 : nullptr;
}

/// The same answer as the service's, from settings, lists and state.
object explain_here(const Place& place, const Why& options)
{
    const auto settings = settings_at(place);
    const auto state = state_at(place);
    const auto policy = policy_at(state, settings);
    const auto enabled = [&](std::string_view name) { return policy ? policy->list_enabled(name) : std::nullopt; };
    const auto compiled = lists::compile(settings, state, enabled, nullptr);

    auto device = dashboard::undescribed_device(settings);
    if (!options.device.empty()) {
        if (!policy)
            throw Failure(wrong_usage, "no device is called \"" + dashboard::inert(options.device) + "\"");
        try {
            device = policy->known(options.device);
        } catch (const policy::PolicyError& error) {
            throw Failure(wrong_usage, dashboard::inert(error.what()));
        }
    }
    if (const auto profile = config::profile_named(options.profile))
        device.profile = *profile;
    dashboard::Question question{options.url, options.from, options.type, options.method};
    tls::Interception interception(state, {});
    dashboard::describe_interception(interception, device, question, dashboard::now_ms());
    const auto client = policy ? dashboard::client_of(std::move(device), policy->exceptions(), policy->sites())
                               : dashboard::client_of(std::move(device), {});
    const auto answer = dashboard::explain(*compiled.rules, client, question, dashboard::now_ms());
    if (!answer)
        throw Failure(wrong_usage, dashboard::inert(answer.error().detail));
    return *answer;
}

object explain_there(const Place& place, const Why& options)
{
    Client client(place);
    return client
        .get("/why" + query_of({{"url", options.url},
                                {"from", options.from},
                                {"type", options.type},
                                {"method", options.method},
                                {"device", options.device},
                                {"profile", options.profile}}))
        .as_object();
}

/// A service that was never started here has left no token.
bool has_token(const Place& place)
{
    std::error_code error;
    return std::getenv("PARAVENT_TOKEN") != nullptr || std::filesystem::exists(state_at(place) / "token", error) ||
           error;
}

void print(const object& answer)
{
    std::cout << dashboard::inert(text_at(answer, "sentence")) << '\n';
    for (const auto& [title, key] : {std::pair{"verdict", "verdict"},
                                     {"rule", "rule"},
                                     {"text", "text"},
                                     {"list", "list"},
                                     {"line", "line"},
                                     {"category", "category"},
                                     {"overrode", "overrode"},
                                     {"answer", "answer"}})
        if (const auto text = text_at(answer, key); !text.empty())
            std::cout << "  " << title << std::string(14 - std::string_view(title).size(), ' ')
                      << dashboard::inert(text) << '\n';
    std::cout << "  needs inside  " << yes_at(answer, "needs_inside") << '\n';
}

} // namespace

int why(const Place& place, const Why& options)
{
    object answer;
    bool asked = false;
    if (has_token(place)) {
        try {
            answer = explain_there(place, options);
            asked = true;
        } catch (const NotRunning&) {
            asked = false;
        }
    }
    if (!asked)
        answer = explain_here(place, options);
    if (options.json)
        std::cout << dashboard::text_of(answer) << '\n';
    else
        print(answer);
    return 0;
}

} // namespace paravent::cli
