#include "proxy/policy/policy.hpp"

#include "proxy/policy/state.hpp"
#include "rules/domains.hpp"

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

SiteMode mode_for(const SiteModes& modes, std::string_view page_host) noexcept
{
    if (modes.empty() || page_host.empty())
        return SiteMode::report;
    const auto found = modes.find(rules::registrable_domain(page_host));
    return found == modes.end() ? SiteMode::report : found->second;
}

std::shared_ptr<const SiteModes> Policy::site_modes() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->site_modes;
}

std::string Policy::set_site_mode(std::string_view site, std::optional<SiteMode> mode)
{
    const auto host = rules::normal_host(site);
    if (!host || host->empty())
        throw PolicyError("\"" + std::string(site.substr(0, 100)) +
                          "\" is no site: write its name alone, such as shop.example");
    std::string domain(rules::registrable_domain(*host));
    {
        const std::lock_guard lock(state_->mutex);
        auto next = std::make_shared<SiteModes>(*state_->site_modes);
        if (!mode)
            next->erase(domain);
        else if (next->size() >= most_site_modes && !next->contains(domain))
            throw PolicyError("there are modes for " + std::to_string(most_site_modes) +
                              " sites already; set one back first");
        else
            next->insert_or_assign(domain, *mode);
        state_->site_modes = std::move(next);
        state_->rebuild_all();
    }
    state_->save_now();
    return domain;
}

} // namespace paravent::policy
