#include "proxy/server/stand_in.hpp"

#include "rules/domains.hpp"
#include "rules/surrogates.hpp"

#include <algorithm>
#include <string>

namespace paravent::server {
namespace {

using policy::SiteMode;
using rules::Type;

constexpr std::string_view loader_host = "connect.facebook.net";
constexpr std::string_view click = "paravent=clicked"; ///< what our sdk.js adds to the address of Meta's

/// A transparent picture of 1x1 (GIF89a), since pages wait for one that has a size.
constexpr std::string_view empty_gif{
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00"
    "\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
    "D\x01\x00;",
    43};

constexpr StandIn nod{200, "application/json", R"({"success":true})", R"({"success":true})",
                      R"(with {"success":true}, so that the app does not try again)"};
constexpr StandIn received{200,
                           "application/json",
                           {},
                           R"({"events_received":N})",
                           "with Meta's own words, so that the server does not try again"};
constexpr StandIn nothing{204, {}, {}, "204", "with 204 No Content"};
constexpr StandIn script{200, script_type, {}, "empty script", "with an empty script"};
constexpr StandIn style_sheet{200, "text/css", {}, "empty style sheet", "with an empty style sheet"};
constexpr StandIn picture{200, "image/gif", empty_gif, "1x1 GIF", "with an empty picture (1x1 GIF)"};
constexpr StandIn page{200, "text/html; charset=utf-8", {}, "empty page", "with an empty page"};
constexpr StandIn text{200, "text/plain", {}, "empty text", "with an empty text"};
constexpr StandIn request_refused{403, "text/plain; charset=utf-8", {}, "403", "with 403 and the rule's name"};
constexpr StandIn tunnel_refused{
    403, "text/plain; charset=utf-8", {}, "403 to CONNECT", "the connection is refused before any byte of TLS"};

/// Of our own rules alone: the names in other lists mean other people's scripts.
bool names(const rules::Verdict& verdict, std::string_view surrogate) noexcept
{
    return verdict.rule.list == "meta" && verdict.redirect == surrogate;
}

const StandIn& fbevents(SiteMode mode)
{
    static const std::string silent_text = std::string(rules::fbevents_js()) + "(\"\");\n";
    static const StandIn silent{200, script_type, silent_text, "fbevents.js (silent)",
                                "with a stand-in for Meta's script that tells nobody anything"};
    static const StandIn report{200,
                                script_type,
                                rules::fbevents_js(),
                                "fbevents.js (report)",
                                "with a stand-in for Meta's script that tells Paravent alone what the page reports",
                                true};
    return mode == SiteMode::report ? report : silent;
}

const StandIn& sdk()
{
    static const std::string called = std::string(rules::sdk_js()) + "();\n";
    static const StandIn given{200, script_type, called, "sdk.js",
                               "with a stand-in for Facebook's script that asks for Meta's when somebody clicks"};
    return given;
}

/// Whether the query has this as one of its fields.
bool has_field(std::string_view url, std::string_view field) noexcept
{
    const auto begin = url.find('?');
    for (auto at = begin; at < url.size(); at = url.find('&', at + 1))
        if (const auto rest = url.substr(at + 1); rest.starts_with(field))
            return true;
    return false;
}

} // namespace

const rules::Rule& gateway_rule() noexcept
{
    static constexpr rules::Rule rule{"meta",
                                      "gateway-of-site",
                                      {},
                                      {},
                                      0,
                                      rules::Category::conversions,
                                      {},
                                      "A site repeats to this host what its pages tell Meta, and the host tells Meta; "
                                      "its owner at home wants it blocked."};
    return rule;
}

rules::Verdict decide(const rules::Ruleset& ruleset, const policy::Client& client, rules::Request request)
{
    request.rulings = &client.rulings;
    if (client.sites && client.sites->blocks(request.page_host, request.host)) {
        rules::Verdict verdict;
        verdict.action = client.rulings.ruling[static_cast<std::size_t>(rules::Category::conversions)];
        verdict.rule = gateway_rule();
        return verdict;
    }
    auto verdict = ruleset.decide(request);
    // Meta's script comes in two parts, and the second ("?hash=…") is asked for by the first.
    if (verdict.rule || !request.intercepted || request.host_only ||
        client.device.profile != policy::Profile::standard || !rules::is_or_below(request.host, loader_host) ||
        has_field(request.url, "hash="))
        return verdict;
    auto rulings = client.rulings;
    rulings.ruling[static_cast<std::size_t>(rules::Category::social_plugin)] = rules::Action::answer;
    request.rulings = &rulings;
    auto drawn = ruleset.decide(request);
    return names(drawn, "sdk.js") ? drawn : verdict;
}

bool is_clicked(const rules::Verdict& verdict, std::string_view url) noexcept
{
    return names(verdict, "sdk.js") && has_field(url, click);
}

std::optional<std::string> without_mark(std::string_view host, std::string_view path)
{
    if (!rules::is_or_below(host, loader_host) || !has_field(path, click))
        return std::nullopt;
    std::string out(path.substr(0, path.find('?')));
    char before = '?';
    for (auto rest = path.substr(out.size() + 1); !rest.empty();) {
        const auto field = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(field.size() + 1, rest.size()));
        if (field.starts_with(click))
            continue;
        out.append(1, before).append(field);
        before = '&';
    }
    return out;
}

SiteMode mode_of(const policy::Client& client, std::string_view page_host, bool inside) noexcept
{
    return inside ? client.mode_for(page_host) : SiteMode::silent;
}

rules::Action action_under(SiteMode mode, const rules::Verdict& verdict) noexcept
{
    const bool observed = mode == SiteMode::observe && verdict.action == rules::Action::answer &&
                          verdict.rule.category == rules::Category::pixel_loader;
    return observed ? rules::Action::log : verdict.action;
}

bool is_reporting(const rules::Verdict& verdict, SiteMode mode) noexcept
{
    return names(verdict, "fbevents.js") && mode == SiteMode::report;
}

const StandIn& stand_in(const rules::Verdict& verdict, SiteMode mode, Type type, std::string_view method)
{
    const auto category = verdict.rule.category;
    if (method == "OPTIONS")
        return nothing;
    if (names(verdict, "fbevents.js"))
        return fbevents(mode);
    if (names(verdict, "sdk.js"))
        return sdk();
    if (category == rules::Category::app_events)
        return nod; // anything else and the app tries for ever
    switch (type) {
    case Type::script:
        return script;
    case Type::image:
        return picture;
    case Type::stylesheet:
        return style_sheet;
    case Type::document:
    case Type::subdocument:
        return page;
    case Type::ping:
        return nothing;
    default:
        break;
    }
    if (category == rules::Category::pixel_loader)
        return script;
    // A GET for the pixel is an image whatever its type says; a POST comes from a beacon or fetch.
    return method == "GET" || method == "HEAD" ? picture : text;
}

std::string body_of(const StandIn& given, std::size_t events)
{
    if (&given != &received)
        return std::string(given.body);
    return "{\"events_received\":" + std::to_string(events) + R"(,"messages":[],"fbtrace_id":"Paravent"})";
}

const StandIn& blocked_request(rules::Category category, std::string_view url) noexcept
{
    const bool by_server = category == rules::Category::conversions && url.starts_with("https://graph.facebook.com/");
    return by_server ? received : request_refused;
}

const StandIn& blocked_tunnel() noexcept
{
    return tunnel_refused;
}

} // namespace paravent::server
