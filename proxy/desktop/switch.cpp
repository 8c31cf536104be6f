#include "proxy/desktop/switch.hpp"

#include <algorithm>

namespace paravent::desktop {
namespace {

std::optional<std::string> at(const Values& values, const std::string& key)
{
    const auto found = values.find(key);
    return found == values.end() ? std::nullopt : found->second;
}

bool holds(const Values& now, const Values& expected)
{
    return std::ranges::all_of(expected, [&](const auto& one) { return at(now, one.first) == one.second; });
}

/// Whether a key is as we left it. One that still leads to where we sent it is ours, however somebody wrote it anew: to
/// leave it would leave this computer with a proxy that is gone.
bool is_ours(const Setting& setting, const Values& now, const Values& ours, const std::string& key)
{
    const auto place = setting.leads(ours, key);
    return place.empty() ? at(now, key) == at(ours, key) : setting.leads(now, key) == place;
}

/// Whether a key leads somewhere, and not to us: then the key that decides is theirs too.
bool leads_elsewhere(const Setting& setting, const Values& now, const Values& ours)
{
    return std::ranges::any_of(ours, [&](const auto& one) {
        return !setting.leads(now, one.first).empty() && !is_ours(setting, now, ours, one.first);
    });
}

/// What is to be put back later. Where a key still is as we left it, what it was before that; else what it is now.
Values before(const Setting& setting, const Values& now, const Values& wanted, const Changed* earlier)
{
    Values result;
    // Our address stood there although we never wrote it: somebody typed it. Taking it out means the default.
    bool typed = false;
    for (const auto& [key, value] : wanted) {
        if (earlier != nullptr && earlier->ours.contains(key) && is_ours(setting, now, earlier->ours, key)) {
            result.emplace(key, at(earlier->before, key));
        } else if (!setting.leads(wanted, key).empty() && is_ours(setting, now, wanted, key)) {
            result.emplace(key, std::nullopt);
            typed = true;
        } else {
            result.emplace(key, at(now, key));
        }
    }
    const std::string deciding(setting.deciding());
    if (typed && result[deciding] == at(wanted, deciding) && !leads_elsewhere(setting, now, wanted))
        result[deciding] = std::nullopt;
    return result;
}

Line switch_one_on(Setting& setting, const Reading& reading, const Target& target, Memory& memory, const Keep& keep)
{
    const auto title = setting.title();
    if (!reading.problem.empty())
        return {title, reading.problem, true};
    const auto wanted = setting.wanted(target);
    if (!wanted)
        return {title, "knows automatic configuration alone, so it is left as it is (" +
                           setting.describe(reading.values) + ")"};

    const auto known = memory.places.find(setting.name());
    const Changed* earlier = known == memory.places.end() ? nullptr : &known->second;
    Values writes = *wanted;
    if (earlier != nullptr) // what an earlier `on` set and this one does not
        for (const auto& [key, value] : earlier->ours)
            if (!wanted->contains(key) && is_ours(setting, reading.values, earlier->ours, key))
                writes.emplace(key, at(earlier->before, key));
    memory.places[setting.name()] = Changed{before(setting, reading.values, *wanted, earlier), *wanted};
    keep(memory);
    const auto problem = setting.write(writes);
    if (problem.empty())
        return {title, setting.describe(*wanted)};
    if (holds(setting.read().values, memory.places[setting.name()].before))
        memory.places.erase(setting.name());
    return {title, problem, true};
}

/// `true` in the second where nothing is left to remember.
std::pair<Line, bool> switch_one_off(Setting& setting, const Reading& reading, const Changed& changed)
{
    const auto title = setting.title();
    if (!reading.here)
        return {{title, "is no more, so there is nothing to put back"}, true};
    if (!reading.problem.empty())
        return {{title, reading.problem, true}, false};
    const auto& now = reading.values;
    if (holds(now, changed.before))
        return {{title, "had been put back already: " + setting.describe(now)}, true};

    Values back;
    for (const auto& [key, value] : changed.ours)
        if (is_ours(setting, now, changed.ours, key))
            back.emplace(key, at(changed.before, key));
    if (leads_elsewhere(setting, now, changed.ours)) // to switch off would switch off what somebody else set
        back.erase(std::string(setting.deciding()));
    if (const auto problem = back.empty() ? std::string{} : setting.write(back); !problem.empty())
        return {{title, problem, true}, false};
    const auto after = setting.describe(setting.read().values);
    if (!back.contains(setting.deciding()))
        return {{title, "was changed since by something else (now " + after + "), and that is left alone"}, true};
    return {{title, "as before: " + after}, true};
}

} // namespace

std::vector<Line> switch_on(const Settings& settings, const Target& target, Memory& memory, const Keep& keep)
{
    std::vector<Line> lines;
    for (const auto& setting : settings)
        if (const auto reading = setting->read(); reading.here)
            lines.push_back(switch_one_on(*setting, reading, target, memory, keep));
    return lines;
}

std::vector<Line> switch_off(const Settings& settings, Memory& memory, const Keep& keep)
{
    std::vector<Line> lines;
    for (const auto& setting : settings) {
        const auto found = memory.places.find(setting->name());
        if (found == memory.places.end())
            continue;
        auto [line, done] = switch_one_off(*setting, setting->read(), found->second);
        if (done)
            memory.places.erase(found);
        lines.push_back(std::move(line));
    }
    keep(memory);
    return lines;
}

} // namespace paravent::desktop
