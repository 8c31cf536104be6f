#pragma once

#include <string>

namespace paravent::fetch {

/// Gives up what fetching a list does not need (helper/confine.hpp); the system's own files and `trust` (a PEM file, or
/// empty) stay readable where the kernel has Landlock.
/// Returns why it could not be done, else empty.
std::string confine(const std::string& trust);

} // namespace paravent::fetch
