#pragma once

#include "proxy/dashboard/recorded.hpp"

#include <filesystem>
#include <functional>

namespace paravent::cli {

/// Reads a HAR file, plain or gzip, entry by entry. @throws Failure naming file and line
void read_har(const std::filesystem::path& file, const std::function<void(const dashboard::RecordedRequest&)>& each);

} // namespace paravent::cli
