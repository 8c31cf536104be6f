#include "proxy/cli/gateway_standing.hpp"

#include "proxy/cli/redirected_port.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/machine/nft.hpp"
#include "proxy/steering/passage.hpp"

#include <algorithm>
#include <chrono>
#include <poll.h>

namespace paravent::cli {
namespace {

using Clock = std::chrono::steady_clock;
using steering::Family;

/// The keeper looks every second, and may wait another one for an answer.
constexpr auto keeper_has_looked = std::chrono::seconds{3};
constexpr int look_again_ms = 200;

std::string open_set()
{
    return machine::nft("list set inet paravent open\n").text;
}

bool is_open(const std::string& set, Family family)
{
    const auto elements = set.find("elements");
    return elements != std::string::npos &&
           set.find(family == Family::v4 ? "ipv4" : "ipv6", elements) != std::string::npos;
}

/// Whether the keeper leads that family there, or will in a moment: Paravent may only just have come back.
bool is_open_soon(Family family, Clock::time_point until)
{
    while (Clock::now() < until) {
        if (is_open(open_set(), family))
            return true;
        (void)::poll(nullptr, 0, look_again_ms);
    }
    return false;
}

std::string all_of(const std::vector<config::Endpoint>& endpoints)
{
    std::string text;
    for (const auto& endpoint : endpoints)
        text += (text.empty() ? "" : " and ") + written(endpoint);
    return text;
}

} // namespace

Standing standing_of(const steering::Redirection& redirection)
{
    std::vector<std::pair<Family, config::Endpoint>> led;
    std::vector<config::Endpoint> asked;
    for (const auto& [family, endpoint] : {std::pair{Family::v4, redirection.v4}, {Family::v6, redirection.v6}})
        if (redirection.leads(family)) {
            led.emplace_back(family, *endpoint);
            asked.push_back(*endpoint);
        }
    const auto answers = ask_redirected(asked);
    const auto counted = machine::nft(steering::ask_passage()).text; // nothing where this user may not ask
    const auto set = open_set();
    Standing standing;
    const auto until = Clock::now() + keeper_has_looked;
    for (std::size_t i = 0; i < led.size(); ++i) {
        const auto& [family, endpoint] = led[i];
        const auto passage = steering::passage_in(counted, family);
        const bool open = is_open(set, family);
        if (open)
            standing.open.push_back(endpoint);
        if (answers[i] != Answer::ours)
            standing.silent.push_back(endpoint);
        else if (passage.led > 1 && (passage.came == 0 || (!open && !is_open_soon(family, until))))
            standing.lost.push_back(endpoint);
    }
    return standing;
}

bool is_any_open()
{
    const auto set = open_set();
    return is_open(set, Family::v4) || is_open(set, Family::v6);
}

std::string without_effect()
{
    return is_any_open() ? "without effect in " + std::to_string(steering::lifetime.count()) + " seconds"
                         : "without effect";
}

std::string sentence_of_lost(const std::vector<config::Endpoint>& endpoints)
{
    return "what was led to " + all_of(endpoints) +
           " did not come there when it was last tried: another firewall on this computer drops it";
}

std::string sentence_of_silent(const std::vector<config::Endpoint>& endpoints)
{
    return "Paravent does not answer on " + all_of(endpoints);
}

std::string let_in(const std::vector<config::Endpoint>& endpoints)
{
    std::vector<std::uint16_t> ports;
    for (const auto& endpoint : endpoints)
        if (std::ranges::find(ports, endpoint.port) == ports.end())
            ports.push_back(endpoint.port);
    std::string text;
    for (const auto port : ports)
        text += (text.empty() ? "" : "; and ") + steering::let_port_in(port);
    return text + "; then systemctl restart paravent-gateway, or wait ten minutes";
}

} // namespace paravent::cli
