#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace paravent::cli {

/// What is wrong with files that the settings name and that are read beside them, a sentence each: certificates that
/// the service would not start without, names that it would not know.
std::vector<std::string> faults_of_named_files(const config::Settings& settings);

} // namespace paravent::cli
