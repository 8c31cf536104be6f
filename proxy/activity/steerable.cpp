#include "proxy/activity/steerable.hpp"

#include "rules/domains.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace paravent::activity {
namespace {

/// Hosts that pages and apps report to, as of 2026-11-27: from Meta's documents and from recordings of 2021 to 2026.
/// Rules are mostly written for facebook.com and all below it; records are for names. In alphabetical order.
constexpr std::array<std::string_view, 29> hosts{"ad.atdmt.com",           "an.facebook.com",
                                                 "analytics.facebook.com", "atdmt.com",
                                                 "clk.atdmt.com",          "connect.facebook.com",
                                                 "connect.facebook.net",   "cx.atdmt.com",
                                                 "facebook.com",           "fbsbx.com",
                                                 "graph.facebook.com",     "graph.instagram.com",
                                                 "instagram.com",          "l.facebook.com",
                                                 "l.instagram.com",        "lm.facebook.com",
                                                 "m.facebook.com",         "mbasic.facebook.com",
                                                 "pixel.facebook.com",     "platform.instagram.com",
                                                 "staticxx.facebook.com",  "touch.facebook.com",
                                                 "view.atdmt.com",         "web.facebook.com",
                                                 "web.whatsapp.com",       "www.atdmt.com",
                                                 "www.facebook.com",       "www.fbsbx.com",
                                                 "www.instagram.com"};

} // namespace

std::vector<std::string> steerable_names(const rules::Ruleset& ruleset)
{
    const auto domains = ruleset.own_domains();
    std::vector<std::string> names;
    for (const auto host : hosts)
        if (std::ranges::any_of(domains, [&](const auto& domain) { return rules::is_or_below(host, domain); }))
            names.emplace_back(host);
    return names;
}

bool is_steerable(std::string_view host) noexcept
{
    return std::ranges::binary_search(hosts, host);
}

} // namespace paravent::activity
