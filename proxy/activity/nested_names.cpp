#include "proxy/activity/nested_names.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>

namespace paravent::activity {
namespace {

/// One entry of a list: a value, or members that belong together.
struct Entry {
    std::string_view place; ///< "0"; empty for what was put at the end
    std::string_view value; ///< where it has no members
    std::vector<std::pair<std::string_view, std::string_view>> members;
};
struct List {
    std::string_view name;
    std::vector<Entry> entries;
};

std::string quoted(std::string_view text)
{
    return boost::json::serialize(boost::json::string_view(text));
}

bool is_place(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether a member belongs to the entry: at "[]" it does until one comes again.
bool takes(const Entry& entry, std::string_view place, std::string_view member) noexcept
{
    if (entry.place != place || member.empty() || entry.members.empty())
        return false;
    return !place.empty() || std::none_of(entry.members.begin(), entry.members.end(),
                                          [&](const auto& one) { return one.first == member; });
}

void add(std::string_view place, std::string_view member, std::string_view value, List& list)
{
    auto& entries = list.entries;
    // From the end: that is where it belongs, mostly at once.
    auto found =
        std::find_if(entries.rbegin(), entries.rend(), [&](const Entry& entry) { return takes(entry, place, member); });
    if (found == entries.rend()) {
        entries.push_back({place, {}, {}});
        found = entries.rbegin();
    }
    if (member.empty())
        found->value = value;
    else
        found->members.emplace_back(member, value);
}

std::string json_of(const List& list)
{
    std::string json = "[";
    for (const auto& entry : list.entries) {
        json += json.size() > 1 ? "," : "";
        if (entry.members.empty()) {
            json += quoted(entry.value);
            continue;
        }
        json += '{';
        for (const auto& [name, value] : entry.members)
            json.append(json.ends_with('{') ? "" : ",").append(quoted(name)).append(":").append(quoted(value));
        json += '}';
    }
    return json + "]";
}

} // namespace

bool is_nested(std::string_view key) noexcept
{
    return key.find("][") != std::string_view::npos;
}

std::vector<Fields::Field> nested_in(std::string_view group, const Fields& fields)
{
    std::vector<Fields::Field> found;
    std::vector<List> lists;
    for (const auto& [field, value] : fields.all()) {
        const auto key = Fields::key_in(group, field);
        const auto end = key.find("][");
        if (end == std::string_view::npos)
            continue;
        const auto name = key.substr(0, end);
        auto rest = key.substr(end + 2);
        const auto place = rest.substr(0, rest.find(']'));
        if (!is_place(place)) {
            std::string words{name};
            for (;; rest.remove_prefix(std::min(rest.find("][") + 2, rest.size()))) {
                words.append("[").append(rest.substr(0, rest.find("]["))).append("]");
                if (!is_nested(rest))
                    break;
            }
            found.emplace_back(std::move(words), value);
            continue;
        }
        rest.remove_prefix(std::min(place.size() + 2, rest.size()));
        auto list = std::find_if(lists.begin(), lists.end(), [&](const List& one) { return one.name == name; });
        if (list == lists.end())
            list = lists.insert(list, {name, {}});
        add(place, rest, value, *list);
    }
    for (const auto& list : lists)
        found.emplace_back(std::string{list.name}, json_of(list));
    return found;
}

} // namespace paravent::activity
