#pragma once

#include "proxy/policy/policy.hpp"
#include "rules/request.hpp"
#include "rules/ruleset.hpp"
#include "rules/verdict.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::server {

/// What a request gets that does not go to Meta, and how that is said. The one place that knows: what is sent and what
/// `why` promises are the same.
struct StandIn {
    unsigned status = 200;
    std::string_view type; ///< of the content; empty where there is none
    std::string_view body;
    std::string_view name;  ///< for programs: "1x1 GIF"
    std::string_view words; ///< for people, behind "answered by Paravent": "with an empty picture (1x1 GIF)"
    bool reports = false;   ///< the body is a function that is still to be called, with a password (report_tokens.hpp)
};

inline constexpr std::string_view script_type = "application/javascript; charset=utf-8";

/// The owner's own rule about the gateways of a site (policy::Sites); its category is `conversions`.
const rules::Rule& gateway_rule() noexcept;

/// What the rules say for a client, the owner's own before those of lists; `request.rulings` is set here. Facebook's
/// buttons and login are allowed to other people's pages (profile standard), but where the script behind them is asked
/// for inside a connection that we look into, it is answered by one of ours, which asks for Meta's when somebody
/// clicks.
rules::Verdict decide(const rules::Ruleset& ruleset, const policy::Client& client, rules::Request request);
/// Whether that script was asked for by ours, after a click: then it passes.
bool is_clicked(const rules::Verdict& verdict, std::string_view url) noexcept;
/// The same path and query without the mark of a click, which is nobody's business but ours; nothing where there is
/// none.
std::optional<std::string> without_mark(std::string_view host, std::string_view path);

/// How a page gets on without Meta's fbevents.js: as the owner chose for its site, but a stand-in reports only where a
/// report can come back to us, from inside a connection that we look into.
policy::SiteMode mode_of(const policy::Client& client, std::string_view page_host, bool inside) noexcept;
/// What becomes of an answer where the owner observes Meta's own script: it and what it loads pass, and are recorded.
rules::Action action_under(policy::SiteMode mode, const rules::Verdict& verdict) noexcept;
/// Whether this is answered by the stand-in that reports.
bool is_reporting(const rules::Verdict& verdict, policy::SiteMode mode) noexcept;

/// What the asker expects of Meta, so that pages and apps go on. `verdict`: its action is `answer`.
const StandIn& stand_in(const rules::Verdict& verdict, policy::SiteMode mode, rules::Type type,
                        std::string_view method);

/// The body for so many events: Meta tells a server how many it got.
std::string body_of(const StandIn& given, std::size_t events);

/// A blocked request of anybody but a person: the body is a sentence that names the rule. A server at home that
/// reports conversions is told what Meta says of one event.
const StandIn& blocked_request(rules::Category category, std::string_view url) noexcept;
/// A blocked CONNECT.
const StandIn& blocked_tunnel() noexcept;

} // namespace paravent::server
