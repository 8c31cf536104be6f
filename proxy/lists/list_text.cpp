#include "proxy/lists/list_text.hpp"

#include "proxy/lists/inflate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace paravent::lists {
namespace {

std::string reason()
{
    return std::generic_category().message(errno);
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

/// The file's bytes, at most `most` of them. A fault where there are more.
ListText read_bytes(const std::filesystem::path& path, std::size_t most)
{
    ListText read;
    const File file(path, O_RDONLY | O_NONBLOCK); // a FIFO in its place must not hold up the start
    struct stat status{};
    if (!file || fstat(file.fd(), &status) != 0) {
        read.fault = "cannot be read: " + reason();
        return read;
    }
    if (!S_ISREG(status.st_mode)) {
        read.fault = S_ISDIR(status.st_mode) ? "is a folder; name one file" : "is no plain file";
        return read;
    }
    read.changed_ms = std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
    if (status.st_size <= static_cast<off_t>(most))
        read.text.reserve(static_cast<std::size_t>(status.st_size));

    std::array<char, 65'536> buffer;
    while (status.st_size <= static_cast<off_t>(most)) {
        const ssize_t got = ::read(file.fd(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            read.fault = "cannot be read: " + reason();
        if (got <= 0)
            return read;
        read.text.append(buffer.data(), static_cast<std::size_t>(got));
        if (read.text.size() > most) // it grows while it is read
            break;
    }
    read.fault = "is larger than " + std::to_string(most >> 20) + " MiB";
    return read;
}

ListText with_fault(ListText read, std::string fault)
{
    read.text = {};
    read.fault = std::move(fault);
    return read;
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

} // namespace

ListText read_list(const std::filesystem::path& file, std::size_t most, std::size_t largest)
{
    ListText read = read_bytes(file, largest);
    if (!read.fault.empty())
        return with_fault(std::move(read), std::string(read.fault));

    if (is_gzip(read.text)) {
        std::string text;
        const Inflated result = inflate_gzip(read.text, most, text);
        if (result == Inflated::damaged)
            return with_fault(std::move(read), "is damaged: its gzip content does not unpack to the end");
        if (result == Inflated::too_large)
            return with_fault(std::move(read), "unpacks to more than " + std::to_string(most >> 20) + " MiB");
        read.text = std::move(text);
    } else if (file.extension() == ".gz") {
        return with_fault(std::move(read), "is named .gz but is no gzip file");
    }
    if (read.text.size() > most)
        return with_fault(std::move(read), "and the lists before it have more text than can be taken, " +
                                               std::to_string(largest_text >> 20) + " MiB");
    if (read.text.find('\0') != std::string::npos)
        return with_fault(std::move(read), "is no text");
    return read;
}

std::string keep_list(const std::filesystem::path& file, const ListText& list)
{
    std::error_code ignored;
    if (std::filesystem::file_size(file, ignored) == list.text.size()) {
        const ListText there = read_bytes(file, largest_text);
        if (there.fault.empty() && there.text == list.text)
            return {};
    }
    std::filesystem::create_directories(file.parent_path(), ignored);
    chmod(file.parent_path().c_str(), 0700);

    std::filesystem::path temporary = file;
    temporary += ".new";
    unlink(temporary.c_str());
    const timespec time{list.changed_ms / 1000, (list.changed_ms % 1000) * 1'000'000};
    const std::array<timespec, 2> times = {time, time};
    {
        const File out(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
        if (!out)
            return reason();
        const bool written = write_all(out.fd(), list.text);
        if (written)
            (void)futimens(out.fd(), times.data()); // FAT and the like round it, or refuse
        if (!written || fsync(out.fd()) != 0) {
            std::string why = reason();
            unlink(temporary.c_str());
            return why;
        }
    }
    if (rename(temporary.c_str(), file.c_str()) != 0) {
        std::string why = reason();
        unlink(temporary.c_str());
        return why;
    }
    const File folder(file.parent_path(), O_RDONLY | O_DIRECTORY);
    if (!folder || (fsync(folder.fd()) != 0 && errno != EINVAL)) // some file systems cannot sync a folder
        return reason();
    return {};
}

} // namespace paravent::lists
