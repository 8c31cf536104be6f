#include "proxy/reconcile/withheld.hpp"

namespace paravent::reconcile {

bool is_purchase(std::string_view name) noexcept
{
    return name == "Purchase" || name == "fb_mobile_purchase";
}

void Withheld::add(const statistics::Detail& event)
{
    if (event.verdict != rules::Action::block && event.verdict != rules::Action::answer)
        return;
    ++events;
    ++products[static_cast<std::size_t>(event.product)];
    for (const auto kind : event.identifiers) {
        const auto found = identifiers.find(kind);
        if (found != identifiers.end())
            ++found->second;
        else if (identifiers.size() < most_kinds)
            identifiers.emplace(kind, 1);
    }
    const bool purchase = is_purchase(event.name);
    const auto add_value = [&](Sums& sums) {
        if (!event.value)
            return;
        auto& sum = sums[std::string(event.currency)];
        sum.sum += *event.value;
        ++sum.events;
    };
    const auto keep_kinds = [&](std::set<std::string, std::less<>>& kinds) {
        for (const auto kind : event.identifiers)
            if (kinds.size() < most_kinds)
                kinds.emplace(kind);
    };
    const auto add_site = [&](Site& site) {
        ++site.events;
        site.purchases += purchase ? 1 : 0;
        if (purchase)
            add_value(site.sums);
        keep_kinds(site.identifiers);
    };
    if (purchase)
        add_site(purchases_in_all);
    if (const std::string site(event.site); sites.contains(site) || sites.size() < most_sites)
        add_site(sites[site]);
    std::tuple key(std::string(event.site), event.product, std::string(event.name));
    if (lines.contains(key) || lines.size() < most_lines) {
        auto& line = lines[std::move(key)];
        ++line.events;
        add_value(line.sums);
        keep_kinds(line.identifiers);
    }
}

} // namespace paravent::reconcile
