#include "proxy/tls/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace paravent::tls {
namespace {

boost::system::error_code last_error() noexcept
{
    return {errno, boost::system::system_category()};
}

/// A descriptor that closes itself.
class File {
public:
    File(const std::filesystem::path& path, int flags, mode_t mode = 0)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode))
    {
    }
    ~File()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int fd() const noexcept { return fd_; }

private:
    int fd_;
};

bool write_all(int fd, std::string_view bytes) noexcept
{
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

boost::system::result<std::string> read_private(const std::filesystem::path& path, std::size_t most)
{
    const File file(path, O_RDONLY | O_NONBLOCK); // a FIFO in its place must not hold anything up
    struct stat status{};
    if (!file || ::fstat(file.fd(), &status) != 0)
        return last_error();
    if (!S_ISREG(status.st_mode))
        return boost::system::error_code(EISDIR, boost::system::system_category());
    if (static_cast<std::size_t>(status.st_size) > most)
        return boost::system::error_code(EFBIG, boost::system::system_category());
    std::string bytes(static_cast<std::size_t>(status.st_size),
                      '\0'); // one size, so that no copy of a key stays behind
    std::size_t got = 0;
    while (got < bytes.size()) {
        const auto n = ::read(file.fd(), bytes.data() + got, bytes.size() - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return last_error();
        if (n == 0)
            break;
        got += static_cast<std::size_t>(n);
    }
    bytes.resize(got);
    return bytes;
}

boost::system::error_code write_private(const std::filesystem::path& path, std::string_view bytes)
{
    std::filesystem::path temporary = path;
    temporary += ".new"; // one name, so that a crash leaves at most one behind
    ::unlink(temporary.c_str());
    {
        const File file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        if (!file)
            return last_error();
        if (!write_all(file.fd(), bytes) || ::fsync(file.fd()) != 0) {
            const auto error = last_error();
            ::unlink(temporary.c_str());
            return error;
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const auto error = last_error();
        ::unlink(temporary.c_str());
        return error;
    }
    const auto parent = path.parent_path();
    const File folder(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY);
    if (!folder || (::fsync(folder.fd()) != 0 && errno != EINVAL)) // some file systems cannot sync a folder
        return last_error();
    return {};
}

boost::system::error_code make_private_folder(const std::filesystem::path& folder)
{
    std::error_code error;
    if (const auto parent = folder.parent_path(); !parent.empty() && !std::filesystem::exists(parent, error)) {
        std::filesystem::create_directories(parent, error);
        ::chmod(parent.c_str(), 0700);
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return last_error();
    if (::chmod(folder.c_str(), 0700) != 0)
        return last_error();
    return {};
}

} // namespace paravent::tls
