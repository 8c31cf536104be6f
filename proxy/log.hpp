#pragma once

#include "config/settings.hpp"

#include <string_view>

namespace paravent::log {

/// Takes level and format from the settings; until then "info" as text. All lines go to stderr.
void configure(const config::Settings& settings);

/// Sentences about the service itself. Requests are never logged: they belong in the statistics, where the privacy
/// level is applied.
void info(std::string_view sentence);
void warn(std::string_view sentence);
void error(std::string_view sentence);

} // namespace paravent::log
