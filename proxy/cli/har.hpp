#pragma once

#include "proxy/cli/recorded.hpp"

#include <filesystem>
#include <functional>

namespace paravent::cli {

/// Reads a HAR 1.2 file as browsers' developer tools save it, plain or gzip, entry by entry: replies, which make up
/// most of such a file, are passed over, and what is kept does not grow with it.
/// @throws Failure naming file and line
void read_har(const std::filesystem::path& file, const std::function<void(const RecordedRequest&)>& each);

} // namespace paravent::cli
