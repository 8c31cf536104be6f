#include "proxy/policy/state_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace paravent::policy {
namespace {

boost::system::error_code last_error() noexcept
{
    return {errno, boost::system::system_category()};
}

/// A descriptor that closes itself.
class File {
public:
    File(const std::filesystem::path& path, int flags, mode_t mode = 0)
        : fd_(open(path.c_str(), flags | O_CLOEXEC, mode))
    {
    }
    ~File()
    {
        if (fd_ >= 0)
            close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    explicit operator bool() const noexcept { return fd_ >= 0; }
    int fd() const noexcept { return fd_; }

private:
    int fd_;
};

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

} // namespace

boost::system::result<std::string> StateFile::read() const
{
    const File file(path_, O_RDONLY | O_NONBLOCK); // a FIFO in its place must not hold up the start
    if (!file)
        return errno == ENOENT ? boost::system::result<std::string>(std::string{}) : last_error();
    struct stat status{};
    if (fstat(file.fd(), &status) != 0)
        return last_error();
    if (!S_ISREG(status.st_mode))
        return boost::system::error_code(EISDIR, boost::system::system_category());

    std::string text;
    std::array<char, 65'536> buffer;
    for (;;) {
        const ssize_t got = ::read(file.fd(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return last_error();
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > largest)
            return boost::system::error_code(EFBIG, boost::system::system_category());
    }
}

boost::system::error_code StateFile::write(std::string_view text) const
{
    std::filesystem::path temporary = path_;
    temporary += ".new"; // one name, so that a crash leaves at most one behind
    unlink(temporary.c_str());
    {
        const File file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        if (!file)
            return last_error();
        if (!write_all(file.fd(), text) || fsync(file.fd()) != 0) {
            const auto error = last_error();
            unlink(temporary.c_str());
            return error;
        }
    }
    if (rename(temporary.c_str(), path_.c_str()) != 0) {
        const auto error = last_error();
        unlink(temporary.c_str());
        return error;
    }
    const File folder(path_.parent_path(), O_RDONLY | O_DIRECTORY);
    if (!folder || (fsync(folder.fd()) != 0 && errno != EINVAL)) // some file systems cannot sync a folder
        return last_error();
    return {};
}

boost::system::result<std::filesystem::path> StateFile::move_aside() const
{
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> stamp{};
    std::strftime(stamp.data(), stamp.size(), ".broken-%Y%m%dT%H%M%S", &utc);
    std::filesystem::path aside = path_;
    aside += stamp.data();
    if (rename(path_.c_str(), aside.c_str()) != 0)
        return last_error();
    return aside;
}

void StateFile::remove_moved_aside() const
{
    const std::string prefix = path_.filename().string() + ".broken-";
    std::error_code ignored;
    for (std::filesystem::directory_iterator entry(path_.parent_path(), ignored), end; !ignored && entry != end;
         entry.increment(ignored))
        if (entry->path().filename().string().starts_with(prefix))
            unlink(entry->path().c_str());
}

} // namespace paravent::policy
