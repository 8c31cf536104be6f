#pragma once

#include "proxy/server/judge.hpp"
#include "proxy/server/stand_in.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// Links that Meta marked (proxy/wire/link_decoration.hpp): what becomes of a request for one.
namespace paravent::server {

struct MarkedLink {
    enum class Fate : std::uint8_t {
        redirect, ///< answered: `to` is the whole address
        cut,      ///< forwarded: `to` is the path and query that go out
        leave,    ///< forwarded as it is
    } fate = Fate::leave;
    std::string to;
    rules::Action action = rules::Action::log; ///< as it is counted
    std::string rule;
    rules::Verdict verdict; ///< of the rule about Meta's counters, by which it is done
};

/// Nothing where the request is no such link, or an exception or another rule has spoken of it.
/// `asked_before`: how often the client asked for an address (without the mark) a short while ago.
std::optional<MarkedLink> marked_link(const rules::Ruleset& ruleset, const policy::Client& client, const Asked& asked,
                                      const wire::Target& target, const Judgement& judgement,
                                      const std::function<unsigned(std::string_view)>& asked_before);
std::optional<MarkedLink> marked_link(Connection& connection, const Snapshot& snapshot, const policy::Client& client,
                                      const Asked& asked, const wire::Target& target, const Judgement& judgement);

/// Counts it, and redirects or forwards. That the link came from Meta is all that there is to tell: no event.
net::awaitable<void> serve_link(Connection& connection, Exchange& exchange, const Asked& asked,
                                std::shared_ptr<const Snapshot> snapshot, const policy::Client& client,
                                const MarkedLink& link);

/// Whether a rule of our lists speaks of Meta's counters of links; and how a request for one is answered.
bool is_about_links(const rules::Rule& rule) noexcept;
const StandIn& link_stand_in() noexcept;

} // namespace paravent::server
