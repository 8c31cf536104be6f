#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace paravent::policy {

/// One small file that is either the old one or the new one, whatever happens in between.
class StateFile {
public:
    static constexpr std::uintmax_t largest = std::uintmax_t{32} << 20;

    explicit StateFile(std::filesystem::path path) : path_(std::move(path)) {}

    /// The whole text; empty where there is no file. Over `largest`: std::errc::file_too_large.
    boost::system::result<std::string> read() const;
    /// A temporary file beside it (0600), fsync, rename, fsync of the folder.
    boost::system::error_code write(std::string_view text) const;
    /// Renames it to NAME.broken-YYYYMMDDTHHMMSS (UTC); returns the new name.
    boost::system::result<std::filesystem::path> move_aside() const;
    /// Removes what was moved aside before: it names devices as well.
    void remove_moved_aside() const;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace paravent::policy
