#pragma once

#include "config/settings.hpp"

#include <string>

namespace paravent::cli {

// What is wrong with the files that the settings name, a sentence; empty where nothing is.

/// [tls] trust: the service does not start without it.
std::string trust_fault(const config::Settings& settings);
/// [resolver] hosts: the service starts, and knows its names as soon as it can be read.
std::string hosts_fault(const config::Settings& settings);

} // namespace paravent::cli
