#include "proxy/state_directory.hpp"

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

} // namespace

StateDirectory::StateDirectory(std::filesystem::path path) : path_(std::move(path))
{
    std::error_code error;
    std::filesystem::create_directories(path_.parent_path(), error);
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST)
        fail(path_, std::string("the state directory cannot be made: ") + std::strerror(errno) +
                        "; choose another by --state");
    const auto lock_file = path_ / "lock";
    lock_ = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0)
        fail(path_, std::string("the state directory cannot be written: ") + std::strerror(errno) +
                        "; choose another by --state");
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock_);
        fail(path_, "another Paravent is running with this state directory; end it, or choose another by --state");
    }
}

StateDirectory::~StateDirectory()
{
    ::close(lock_);
}

std::string StateDirectory::token() const
{
    const auto file = path_ / "token";
    std::string token;
    if (std::ifstream in(file); in && std::getline(in, token) && token.size() == 2 * token_bytes)
        return token;
    token = fresh_token();
    const auto temporary = path_ / "token.new";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string line = token + "\n";
    const bool written = fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (fd >= 0)
        ::close(fd);
    if (!written || ::rename(temporary.c_str(), file.c_str()) != 0)
        fail(file, std::string("cannot be written: ") + std::strerror(errno));
    return token;
}

} // namespace paravent
