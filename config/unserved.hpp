#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace paravent::config {

/// Whether this version decrypts anything for a device that asks for it.
inline constexpr bool interception_is_served = true;

/// What the settings ask for and this version reads, but does not do: a sentence each, beginning with the key.
std::vector<std::string> unserved(const Settings& settings);

} // namespace paravent::config
