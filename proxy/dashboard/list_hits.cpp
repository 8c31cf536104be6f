#include "proxy/dashboard/list_hits.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace paravent::dashboard {
namespace {

/// Rules of ours are counted as meta/ID, whatever list they stand in; a line "!: ID sentence" in a list names one.
std::map<std::string, std::string_view, std::less<>> lists_of_own_rules()
{
    std::map<std::string, std::string_view, std::less<>> out;
    for (const auto& list : rules::own_lists()) {
        for (auto text = list.text; !text.empty();) {
            const auto line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            if (line.starts_with("!: "))
                out.emplace("meta/" + std::string(line.substr(3, line.find(' ', 3) - 3)), list.name);
        }
    }
    return out;
}

} // namespace

std::vector<ListRow> lists_with_hits(const Parts& parts)
{
    static const auto own = lists_of_own_rules();
    auto rows = parts.lists();
    std::map<std::string, std::uint64_t, std::less<>> hits;
    statistics::StatsQuery all;
    all.from_ms = 0;
    all.by = statistics::By::rule;
    for (const auto& row : parts.recorder.stats(all).rows) {
        const auto found = own.find(row.key);
        const auto list = found != own.end() ? found->second : std::string_view(row.key).substr(0, row.key.rfind('/'));
        hits[std::string(list)] += row.counts.requests;
    }
    for (auto& row : rows)
        if (const auto found = hits.find(row.name); found != hits.end())
            row.hits = found->second;
    return rows;
}

} // namespace paravent::dashboard
