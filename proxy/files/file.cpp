#include "proxy/files/file.hpp"

#include "proxy/files/writing.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <shared_mutex>

namespace paravent::files {
namespace {

using boost::system::error_code;
namespace errc = boost::system::errc;

/// Of the whole process: whoever writes a file of the state, by whatever class, is that process.
std::shared_mutex writing; ///< held shared by each write
bool given_up = false;

error_code last_error() noexcept
{
    return {errno, boost::system::system_category()};
}

error_code write_new(const std::filesystem::path& path, std::string_view text, std::optional<std::int64_t> changed_ms)
{
    const File file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!file || !write_all(file.fd(), text))
        return last_error();
    if (changed_ms) {
        const timespec time{*changed_ms / 1000, (*changed_ms % 1000) * 1'000'000};
        const std::array<timespec, 2> times = {time, time};
        (void)futimens(file.fd(), times.data()); // FAT and the like round it, or refuse
    }
    return fsync(file.fd()) == 0 ? error_code{} : last_error();
}

} // namespace

File::File(const std::filesystem::path& path, int flags, mode_t mode) : fd_(open(path.c_str(), flags | O_CLOEXEC, mode))
{
}

File::~File()
{
    if (fd_ >= 0)
        close(fd_);
}

bool write_all(int fd, std::string_view text) noexcept
{
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

boost::system::result<Content> read_file(const std::filesystem::path& path, std::uintmax_t largest)
{
    const File file(path, O_RDONLY | O_NONBLOCK); // a FIFO in its place must not hold up the start
    struct stat status{};
    if (!file || fstat(file.fd(), &status) != 0)
        return last_error();
    if (!S_ISREG(status.st_mode))
        return errc::make_error_code(S_ISDIR(status.st_mode) ? errc::is_a_directory : errc::not_supported);
    const auto too_large = errc::make_error_code(errc::file_too_large);
    const auto size = static_cast<std::uintmax_t>(status.st_size);
    if (size > largest)
        return too_large;

    Content content;
    content.changed_ms = std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
    // Read in place, with a byte to see the end by: of a key no copy stays behind.
    auto& text = content.text;
    text.resize(static_cast<std::size_t>(size) + 1);
    for (std::size_t length = 0;;) {
        const ssize_t got = read(file.fd(), text.data() + length, text.size() - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return last_error();
        if (got == 0) {
            text.resize(length);
            return content;
        }
        length += static_cast<std::size_t>(got);
        if (length > largest) // it grows while it is read
            return too_large;
        if (length == text.size())
            text.resize(length + 65'536);
    }
}

void give_up_writing() noexcept
{
    const std::unique_lock lock(writing);
    given_up = true;
}

void take_up_writing() noexcept
{
    const std::unique_lock lock(writing);
    given_up = false;
}

error_code write_whole(const std::filesystem::path& path, std::string_view text, std::optional<std::int64_t> changed_ms)
{
    const std::shared_lock lock(writing);
    if (given_up)
        return errc::make_error_code(errc::operation_canceled);
    std::filesystem::path temporary = path;
    temporary += ".new"; // one name, so that a crash leaves at most one behind
    unlink(temporary.c_str());
    auto error = write_new(temporary, text, changed_ms);
    if (!error && rename(temporary.c_str(), path.c_str()) != 0)
        error = last_error();
    if (error) {
        unlink(temporary.c_str());
        return error;
    }
    const File folder(path.has_parent_path() ? path.parent_path() : ".", O_RDONLY | O_DIRECTORY);
    if (!folder || (fsync(folder.fd()) != 0 && errno != EINVAL)) // some file systems cannot sync a folder
        return last_error();
    return {};
}

} // namespace paravent::files
