#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

/// Small files that nobody but their owner may open.
namespace paravent::tls {

/// The whole file; nothing (ENOENT) where there is none. Over `most` bytes, or no plain file: an error.
boost::system::result<std::string> read_private(const std::filesystem::path& file, std::size_t most);

/// A temporary file beside it (0600 before the first byte), fsync, rename, fsync of the folder: the file is the old one
/// or the new one, whatever happens in between.
boost::system::error_code write_private(const std::filesystem::path& file, std::string_view bytes);

/// The folder, made (0700) where it is missing, and closed to others where it was open.
boost::system::error_code make_private_folder(const std::filesystem::path& folder);

} // namespace paravent::tls
