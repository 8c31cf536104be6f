#pragma once

#include "rules/ruleset.hpp"

#include <string>
#include <vector>

namespace paravent::activity {

/// The hosts of Meta that may be led to this box by DNS records or by redirection: exact names, in alphabetical order,
/// of which Paravent's own lists stop something. Never a whole domain: what else lives below it goes its own way.
std::vector<std::string> steerable_names(const rules::Ruleset& ruleset);

} // namespace paravent::activity
