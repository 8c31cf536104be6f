#pragma once

#include "proxy/activity/export.hpp"
#include "proxy/reconcile/told.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace paravent::reconcile {

/// Which of what was seen here is which row of Meta's list.
class Join {
public:
    Join(const activity::MetaExport& theirs, const std::vector<Told>& ours);

    struct Partners {
        std::vector<std::size_t> ours; ///< indices
        bool probably = false;         ///< by the name alone
    };
    Partners of(const activity::ExportRow& row) const;

private:
    using Index = std::unordered_map<std::string, std::vector<std::size_t>>;
    static const std::vector<std::size_t>* found_in(const Index& index, const std::string& key);
    Partners by_name(const activity::ExportRow& row) const;

    const std::vector<Told>& ours_;
    std::unordered_set<std::string> their_accounts_;
    Index by_account_, by_site_, by_label_;
};

} // namespace paravent::reconcile
