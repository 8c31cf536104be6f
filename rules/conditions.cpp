#include "rules/conditions.hpp"

#include "rules/domains.hpp"

namespace paravent::rules {
namespace {

/// `name` is a domain, or an entity such as "google.*".
bool covers(std::string_view name, std::string_view host) noexcept
{
    if (!name.ends_with(".*"))
        return is_or_below(host, name);
    const std::string_view registrable = registrable_domain(host);
    const std::size_t dot = registrable.find('.');
    if (dot == std::string_view::npos)
        return false;
    const std::size_t suffix = registrable.size() - dot;
    return is_or_below(host.substr(0, host.size() - suffix), name.substr(0, name.size() - 2));
}

} // namespace

Circumstances::Circumstances(const Request& request) noexcept
    : type_(mask_of(request.type)), method_(request.method), host_(request.host), page_host_(request.page_host)
{
}

bool Circumstances::meets(Party party) const noexcept
{
    if (party == Party::any)
        return true;
    if (page_host_.empty())
        return false;
    if (party == Party::strict_first || party == Party::strict_third)
        return (party == Party::strict_first) == (page_host_ == host_);
    if (!same_site_)
        same_site_ = same_site(page_host_, host_);
    return *same_site_ == (party == Party::first);
}

bool admits(std::string_view names, std::string_view host) noexcept
{
    bool only_negated = true;
    bool named = false;
    while (!names.empty()) {
        const auto [name, negated] = next_value(names);
        only_negated = only_negated && negated;
        if (host.empty() || (named && !negated) || !covers(name, host))
            continue;
        if (negated)
            return false;
        named = true;
    }
    return named || only_negated;
}

bool conditions_hold(const Filter& filter, const Circumstances& now) noexcept
{
    return (filter.types & now.type()) != 0 &&
           (filter.methods == all_methods || (filter.methods & now.method()) != 0) && now.meets(filter.party) &&
           (filter.domains.empty() || admits(filter.domains, now.page_host())) &&
           (filter.to.empty() || admits(filter.to, now.host())) &&
           (filter.denyallow.empty() || !admits(filter.denyallow, now.host()));
}

} // namespace paravent::rules
