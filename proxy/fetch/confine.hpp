#pragma once

#include <string>

namespace paravent::fetch {

/// Gives up what fetching a list does not need: other descriptors than the first three, new privileges, core dumps,
/// memory, computing time and, where the kernel has Landlock, every file but the system's own and `trust` (a PEM file,
/// or empty), which stay readable.
/// Returns why it could not be done, else empty.
std::string confine(const std::string& trust);

} // namespace paravent::fetch
