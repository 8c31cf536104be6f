#include "proxy/reconcile/join.hpp"

#include "proxy/reconcile/company.hpp"

namespace paravent::reconcile {

Join::Join(const activity::MetaExport& theirs, const std::vector<Told>& ours) : ours_(ours)
{
    for (const auto& row : theirs.rows)
        if (!row.account.empty())
            their_accounts_.insert(row.account);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (!ours[i].account.empty())
            by_account_[ours[i].account].push_back(i);
        if (ours[i].site.empty())
            continue;
        by_site_[ours[i].site].push_back(i);
        if (auto label = label_of_site(ours[i].site); !label.empty())
            by_label_[std::move(label)].push_back(i);
    }
}

Join::Partners Join::of(const activity::ExportRow& row) const
{
    if (!row.account.empty())
        if (const auto found = by_account_.find(row.account); found != by_account_.end())
            return {found->second, false};
    return by_name(row);
}

const std::vector<std::size_t>* Join::found_in(const Index& index, const std::string& key)
{
    const auto found = index.find(key);
    return found != index.end() ? &found->second : nullptr;
}

Join::Partners Join::by_name(const activity::ExportRow& row) const
{
    Partners partners{{}, true};
    const auto site = site_in_name(row.name);
    const auto* found = found_in(by_site_, site);
    if (found == nullptr) // shop.fr where the list says shop.de
        found = found_in(by_label_, site.empty() ? label_of_company(row.name) : label_of_site(site));
    if (found == nullptr)
        return partners;
    for (const auto i : *found)
        if (!their_accounts_.contains(ours_[i].account)) // else it is another row's, for certain
            partners.ours.push_back(i);
    return partners;
}

} // namespace paravent::reconcile
