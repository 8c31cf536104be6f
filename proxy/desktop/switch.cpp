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

/// What is to be put back later. Where a key still is as we left it, what it was before that; else what it is now.
Values before(const Values& now, const Values& wanted, const Changed* earlier)
{
    Values result;
    // It stood there although we never wrote it: somebody typed our address. Taking it out means the default.
    const bool typed = earlier == nullptr && holds(now, wanted);
    for (const auto& [key, value] : wanted) {
        if (typed)
            result.emplace(key, std::nullopt);
        else if (earlier != nullptr && earlier->ours.contains(key) && at(now, key) == at(earlier->ours, key))
            result.emplace(key, at(earlier->before, key));
        else
            result.emplace(key, at(now, key));
    }
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
            if (!wanted->contains(key) && at(reading.values, key) == value)
                writes.emplace(key, at(earlier->before, key));
    memory.places[setting.name()] = Changed{before(reading.values, *wanted, earlier), *wanted};
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

    const std::string deciding(setting.deciding());
    const bool still_ours = at(now, deciding) == at(changed.ours, deciding);
    Values back;
    bool others_changed = false;
    for (const auto& [key, value] : changed.ours) {
        if (at(now, key) == value)
            back.emplace(key, at(changed.before, key));
        else if (key != deciding)
            others_changed = true;
    }
    if (still_ours && others_changed) // switching the rest off would switch off what somebody else set
        return {{title, "was changed since by something else (now " + setting.describe(now) + "), so it is left alone"},
                true};
    if (const auto problem = setting.write(back); !problem.empty())
        return {{title, problem, true}, false};
    const auto after = setting.describe(setting.read().values);
    if (!still_ours)
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
