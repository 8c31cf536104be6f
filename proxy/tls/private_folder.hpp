#pragma once

#include <boost/system/error_code.hpp>

#include <filesystem>

namespace paravent::tls {

/// The folder, made (0700) where it is missing, and closed to others where it was open.
boost::system::error_code make_private_folder(const std::filesystem::path& folder);

} // namespace paravent::tls
