// What this box does in the home, where first-boot lets it be chosen on the page.
#include "proxy/dashboard/place_file.hpp"

#include "config/address.hpp"
#include "proxy/dashboard/calls.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

json::object place_shape(const PlaceChoice& choice, const std::optional<PlaceOutcome>& outcome)
{
    json::value done = nullptr;
    if (outcome)
        done = {{"mode", outcome->mode.empty() ? json::value(nullptr) : json::value(outcome->mode)},
                {"said", outcome->said}};
    return {{"mode", choice.mode},
            {"servers", json::array(choice.servers.begin(), choice.servers.end())},
            {"done", std::move(done)},
            {"modes", json::array(place_modes.begin(), place_modes.end())}};
}

result<PlaceChoice> place_here(const Parts& parts)
{
    try {
        if (auto choice = read_place(parts.state_directory))
            return std::move(*choice);
    } catch (const PlaceError& error) {
        return Problem{404, error.what()};
    }
    return Problem{404, "what this box does is not chosen here: its settings, paravent.toml, say it"};
}

result<PlaceChoice> choice_of(const json::object& body)
{
    const auto* mode = body.if_contains("mode");
    if (mode == nullptr || !mode->is_string() || !is_place_mode(mode->get_string()))
        return Problem{400, "mode: is proxy, dns or gateway"};
    PlaceChoice choice{std::string(mode->get_string()), {}};
    const auto* servers = body.if_contains("servers");
    if (servers == nullptr)
        return choice;
    const Problem problem{400, "servers: is a list of up to four IP addresses, such as 192.168.1.1"};
    if (!servers->is_array() || servers->get_array().size() > most_place_servers)
        return problem;
    for (const auto& one : servers->get_array()) {
        auto address = one.is_string() ? config::parse_address(one.get_string()) : std::nullopt;
        if (!address)
            return problem;
        choice.servers.push_back(std::move(*address));
    }
    return choice;
}

} // namespace

server::LocalReply get_place(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto choice = place_here(parts);
    if (!choice)
        return problem_reply(choice.error());
    try {
        return json_reply(place_shape(*choice, read_place_outcome(parts.state_directory)));
    } catch (const PlaceError& error) {
        return problem_reply({404, error.what()});
    }
}

server::LocalReply put_place(const Parts& parts, const Call& call)
{
    // A file that cannot be used is somebody's to look at, and not to be written over.
    if (const auto there = place_here(parts); !there)
        return problem_reply(there.error());
    const auto body = body_of(call.request, {"mode", "servers"});
    if (!body)
        return problem_reply(body.error());
    const auto choice = choice_of(*body);
    if (!choice)
        return problem_reply(choice.error());
    write_place(parts.state_directory, *choice);
    return json_reply(place_shape(*choice, {}));
}

} // namespace paravent::dashboard
