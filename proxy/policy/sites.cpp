#include "proxy/policy/sites.hpp"

#include "proxy/activity/gateways.hpp"
#include "proxy/policy/state.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <utility>

namespace paravent::policy {

std::string_view name_of(SiteMode mode) noexcept
{
    switch (mode) {
    case SiteMode::report:
        return "report";
    case SiteMode::silent:
        return "silent";
    case SiteMode::observe:
        return "observe";
    }
    return {};
}

std::optional<SiteMode> site_mode_named(std::string_view name) noexcept
{
    for (const SiteMode mode : {SiteMode::report, SiteMode::silent, SiteMode::observe})
        if (name_of(mode) == name)
            return mode;
    return std::nullopt;
}

std::string_view sentence_of(SiteMode mode) noexcept
{
    switch (mode) {
    case SiteMode::report:
        return "A stand-in takes the place of Meta's script and tells Paravent alone what the page would have told "
               "Meta.";
    case SiteMode::silent:
        return "A stand-in takes the place of Meta's script; what the page would have told Meta is told to nobody.";
    case SiteMode::observe:
        return "Meta's own script runs. It and its settings for this site are asked of Meta, which so learns that "
               "the page was opened; what it reports is answered here, but only while Paravent looks inside.";
    }
    return {};
}

std::string_view gateway_sentence() noexcept
{
    return "It holds for every device, and for every site that uses the same host: of https only the host is seen.";
}

bool can_be_gateway(std::string_view site, std::string_view host)
{
    return activity::can_be_gateway(host) && host != site && !(host.starts_with("www.") && host.substr(4) == site);
}

const Site* Sites::find(std::string_view site) const noexcept
{
    const auto found = all_.find(site);
    return found == all_.end() ? nullptr : &found->second;
}

void Sites::put(std::string_view site, Site what)
{
    if (const auto found = all_.find(site); found != all_.end()) {
        for (const auto& gateway : found->second.gateways)
            if (gateway.blocked && --blocked_[gateway.host] == 0)
                blocked_.erase(gateway.host);
        all_.erase(found);
    }
    if (what.usual())
        return;
    for (const auto& gateway : what.gateways)
        if (gateway.blocked)
            ++blocked_[gateway.host];
    all_.emplace(site, std::move(what));
}

SiteMode Sites::mode_for(std::string_view page_host) const noexcept
{
    if (all_.empty() || page_host.empty())
        return SiteMode::report;
    const auto* site = find(rules::registrable_domain(page_host));
    return site != nullptr && site->mode ? *site->mode : SiteMode::report;
}

bool Sites::blocks(std::string_view page_host, std::string_view host) const noexcept
{
    if (blocked_.empty() || !blocked_.contains(host))
        return false;
    if (page_host.empty())
        return true;
    const auto* site = find(rules::registrable_domain(page_host));
    return site != nullptr && std::ranges::any_of(site->gateways, [&](const Gateway& gateway) {
               return gateway.blocked && gateway.host == host;
           });
}

std::shared_ptr<const Sites> Policy::sites() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->sites;
}

std::string Policy::change_site(std::string_view name, const SiteChange& change)
{
    const auto host = rules::normal_host(name);
    if (!host || host->empty())
        throw PolicyError("\"" + std::string(name.substr(0, 100)) +
                          "\" is no site: write its name alone, such as shop.example");
    std::string domain(rules::registrable_domain(*host));
    {
        const std::lock_guard lock(state_->mutex);
        const auto* known = state_->sites->find(domain);
        Site site = known != nullptr ? *known : Site{};
        if (change.mode)
            site.mode = *change.mode;
        if (change.block_gateway) {
            site.block_gateway = *change.block_gateway;
            for (auto& gateway : site.gateways)
                gateway.blocked = site.block_gateway;
        }
        if (known == nullptr && !site.usual() && state_->sites->all().size() >= most_sites)
            throw PolicyError("there are choices for " + std::to_string(most_sites) +
                              " sites already; set one back first");
        state_->put_site(domain, std::move(site));
    }
    state_->save_now();
    return domain;
}

void Policy::note_gateways(std::string_view page_host, std::span<const std::string> hosts)
{
    const auto domain = rules::registrable_domain(page_host);
    const std::lock_guard lock(state_->mutex);
    const auto* known = state_->sites->find(domain);
    if (known == nullptr || known->mode != SiteMode::observe)
        return;
    Site site = *known;
    for (const auto& host : hosts)
        if (site.gateways.size() < most_gateways && can_be_gateway(domain, host) &&
            std::ranges::find(site.gateways, host, &Gateway::host) == site.gateways.end())
            // Who names its gateways could name any host of the world, and have this home cut off from it.
            site.gateways.push_back({host, site.block_gateway && rules::registrable_domain(host) == domain});
    if (site == *known)
        return;
    state_->put_site(domain, std::move(site));
    state_->save_soon();
}

void Policy::State::put_site(std::string_view domain, Site site)
{
    auto next = std::make_shared<Sites>(*sites);
    next->put(domain, std::move(site));
    sites = std::move(next);
    rebuild_all();
}

} // namespace paravent::policy
