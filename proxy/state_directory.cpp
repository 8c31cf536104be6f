#include "proxy/state_directory.hpp"

#include "proxy/files/file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace paravent {

namespace {

constexpr std::size_t token_bytes = 32;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what)
{
    throw std::runtime_error(path.string() + ": " + what);
}

std::string fresh_token()
{
    std::array<unsigned char, token_bytes> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
        throw std::runtime_error("the kernel gives no random bytes");
    std::string hex;
    for (const unsigned byte : random) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
    }
    return hex;
}

bool is_disk_trouble(int error) noexcept
{
    return error == ENOSPC || error == EROFS || error == EDQUOT || error == EIO;
}

bool is_same_file(int descriptor, const std::filesystem::path& file) noexcept
{
    struct stat open{}, named{};
    return descriptor >= 0 && ::fstat(descriptor, &open) == 0 && ::stat(file.c_str(), &named) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

} // namespace

StateDirectory::StateDirectory(std::filesystem::path path, int lock) : path_(std::move(path))
{
    std::error_code ignored;
    std::filesystem::create_directories(path_.parent_path(), ignored);
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST && !is_disk_trouble(errno))
        fail(path_, std::string("the state directory cannot be made: ") + std::strerror(errno) +
                        "; choose another by --state");
    take_lock(lock);
    read_or_make_token();
}

void StateDirectory::take_lock(int handed_on)
{
    const auto file = path_ / "lock";
    if (is_same_file(handed_on, file)) { // locked already, and stays so when the other process ends
        lock_ = handed_on;
        return;
    }
    if (handed_on >= 0)
        ::close(handed_on);
    lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const int error = lock_ < 0 ? errno : 0;
    if (is_disk_trouble(error)) // locked all the same; what cannot be written is said by whoever writes it
        lock_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock_ < 0) {
        if (!is_disk_trouble(error))
            fail(path_, std::string("the state directory cannot be used: ") + std::strerror(error) +
                            "; choose another by --state");
        problem_ = path_.string() + " cannot be written: " + std::strerror(error);
        return;
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        ::close(std::exchange(lock_, -1));
        fail(path_, "another Paravent is running with this state directory; end it, or choose another by --state");
    }
}

StateDirectory::~StateDirectory()
{
    leave();
}

void StateDirectory::leave() noexcept
{
    const std::lock_guard lock(mutex_);
    is_left_ = true;
    if (lock_ >= 0)
        ::close(std::exchange(lock_, -1));
}

void StateDirectory::read_or_make_token()
{
    const auto file = path_ / "token";
    if (std::ifstream in(file); in && std::getline(in, token_) && token_.size() == 2 * token_bytes) {
        is_written_ = true;
        return;
    }
    token_ = fresh_token();
    write_token();
}

void StateDirectory::write_token()
{
    const auto file = path_ / "token";
    const auto error = files::write_whole(file, token_ + "\n");
    is_written_ = !error;
    if (error)
        problem_ = file.string() + " cannot be written, so commands cannot reach the service: " + error.message() +
                   "; it is tried again";
}

bool StateDirectory::try_again()
{
    const std::lock_guard lock(mutex_);
    if (problem_.empty() || is_left_)
        return false;
    problem_.clear();
    try {
        if (lock_ < 0)
            take_lock(-1);
    } catch (const std::runtime_error& error) { // somebody else's by now, and so is its token
        problem_ = error.what();
        return false;
    }
    if (!is_written_)
        write_token();
    return problem_.empty();
}

std::string StateDirectory::problem() const
{
    const std::lock_guard lock(mutex_);
    return problem_;
}

int StateDirectory::lock() const
{
    const std::lock_guard lock(mutex_);
    return lock_;
}

} // namespace paravent
