#pragma once

#include "config/report.hpp"
#include "config/settings.hpp"

#include <toml++/toml.h>

namespace paravent::config {

/// The [[device]] and [[list]] entries; `entries` null where the file has none.
std::vector<Device> read_devices(const toml::array* entries, Report& report);
/// Relative files are taken from `folder`.
std::vector<List> read_lists(const toml::array* entries, const std::filesystem::path& folder, Report& report);

} // namespace paravent::config
