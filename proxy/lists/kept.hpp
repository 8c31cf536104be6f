#pragma once

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace paravent::lists {

/// What is known of a subscribed list's text besides the text; kept beside it, so that the next start asks only for
/// what is new.
struct Kept {
    std::string url; ///< where the text came from
    std::string etag, last_modified;
    std::size_t rules = 0;
    std::optional<std::chrono::seconds> expires; ///< as the list says
    std::int64_t checked_ms = 0;                 ///< when its source last said that this is the newest; 0: never
};

/// Nothing known where there is no such file, or it is not in order.
Kept read_kept(const std::filesystem::path& file);
boost::system::error_code write_kept(const std::filesystem::path& file, const Kept& kept);

} // namespace paravent::lists
