#include "proxy/desktop/turn.hpp"

#include "proxy/desktop/memory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace paravent::desktop {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr int look_every_ms = 20;

/// Whoever has a turn removes the file at its end: then another one has the name, or none.
bool is_still_there(int fd, const fs::path& file)
{
    struct stat open{}, named{};
    return ::fstat(fd, &open) == 0 && ::stat(file.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

} // namespace

Turn::Turn(fs::path state_directory, std::chrono::milliseconds patience)
    : folder_(std::move(state_directory)), file_(folder_ / "system-proxy.lock")
{
    for (const auto until = Clock::now() + patience;;) {
        if (!make_folder(folder_)) // again: the one before us may just have removed it
            return;
        auto lock = std::make_unique<files::File>(file_, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
        if (!*lock && (errno == ENOSPC || errno == EDQUOT || errno == EROFS || errno == EIO))
            return;
        if (!*lock && errno != ENOENT)
            throw std::runtime_error(file_.string() + ", which says who is at it, cannot be opened: " +
                                     std::generic_category().message(errno) + "; nothing was changed");
        if (*lock && ::flock(lock->fd(), LOCK_EX | LOCK_NB) == 0) {
            if (is_still_there(lock->fd(), file_)) {
                lock_ = std::move(lock);
                return;
            }
        } else if (*lock && errno != EWOULDBLOCK && errno != EINTR) { // a file system without locks
            return;
        }
        if (Clock::now() >= until)
            throw std::runtime_error("another `paravent system-proxy` is at it and does not end (it holds " +
                                     file_.string() +
                                     "), so nothing was changed: wait for it, or end it, and try again");
        (void)::poll(nullptr, 0, look_every_ms);
    }
}

Turn::~Turn()
{
    std::error_code ignored;
    if (!lock_ || fs::exists(memory_file(folder_), ignored))
        return;
    ::unlink(file_.c_str());
    (void)::rmdir(folder_.c_str()); // where nothing else is in it
}

} // namespace paravent::desktop
