#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace paravent::config {

/// What the settings ask for and this version reads, but does not do: a sentence each, beginning with the key.
std::vector<std::string> unserved(const Settings& settings);

} // namespace paravent::config
