#pragma once

#include <filesystem>
#include <string>

namespace paravent::cli {

/// What one list may hold, unpacked.
inline constexpr std::size_t max_list_bytes = 256 * 1024 * 1024;

/// The text of a list, plain or gzip. @throws Failure naming the file
std::string read_list(const std::filesystem::path& file);

} // namespace paravent::cli
