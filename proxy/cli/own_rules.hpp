#pragma once

#include "proxy/cli/place.hpp"
#include "rules/ruleset.hpp"

#include <memory>

namespace paravent::cli {

/// Paravent's own lists, as the settings switch them; no other list is read.
std::shared_ptr<const rules::Ruleset> own_rules(config::Settings settings, const Place& place);

} // namespace paravent::cli
