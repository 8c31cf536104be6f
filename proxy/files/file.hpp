#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace paravent::files {

/// A descriptor that closes itself.
class File {
public:
    /// `flags` and `mode` as open(2) takes them; O_CLOEXEC is added. A failure is left in errno.
    File(const std::filesystem::path& path, int flags, mode_t mode = 0);
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int fd() const noexcept { return fd_; }

private:
    int fd_;
};

struct Content {
    std::string text;
    std::int64_t changed_ms = 0; ///< the file's time, Unix time
};

/// All of it to a descriptor that blocks. False with the reason in errno.
bool write_all(int fd, std::string_view text) noexcept;

/// The whole of a regular file; never waits for what is none. A folder: errc::is_a_directory, another thing that is
/// no file: errc::not_supported, more than `largest` bytes (even while it grows): errc::file_too_large.
boost::system::result<Content> read_file(const std::filesystem::path& path, std::uintmax_t largest);

/// Afterwards the file (0600) is the old one or the new one, whatever happens in between: a temporary file PATH.new
/// beside it, fsync, rename, fsync of the folder. The file gets the time `changed_ms` where it is given.
boost::system::error_code write_whole(const std::filesystem::path& path, std::string_view text,
                                      std::optional<std::int64_t> changed_ms = {});

} // namespace paravent::files
