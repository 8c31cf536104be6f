#pragma once

#include "proxy/desktop/memory.hpp"
#include "proxy/desktop/setting.hpp"

#include <functional>
#include <string>
#include <vector>

namespace paravent::desktop {

/// What was done in one place, for a person.
struct Line {
    std::string title, text;
    bool failed = false;
};

/// Keeps the memory, before a setting is changed: what a crash leaves behind can then still be put back.
using Keep = std::function<void(const Memory&)>;

/// Sends every place that is here to the target, and remembers what was there before. Doing it twice is harmless: what
/// is ours already is not taken for what was before.
std::vector<Line> switch_on(const Settings& settings, const Target& target, Memory& memory, const Keep& keep);

/// Puts back what was there before, as far as it is still as we left it or still leads to us; what somebody changed
/// since to lead elsewhere is theirs.
std::vector<Line> switch_off(const Settings& settings, Memory& memory, const Keep& keep);

} // namespace paravent::desktop
