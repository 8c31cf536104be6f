#pragma once

#include "rules/ruleset.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace paravent::activity {

/// The hosts of Meta that may be led to this box by DNS records or by redirection: exact names, in alphabetical order,
/// of which Paravent's own lists stop something. Never a whole domain: what else lives below it goes its own way.
std::vector<std::string> steerable_names(const rules::Ruleset& ruleset);

/// Whether a host (normal form) is one of these, whatever the rules say now: records stay where they are when a list is
/// switched off, and what they lead here must go on.
bool is_steerable(std::string_view host) noexcept;

} // namespace paravent::activity
