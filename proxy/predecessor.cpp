#include "proxy/predecessor.hpp"

#include "proxy/succession.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace paravent {

Predecessor::Predecessor()
{
    const char* const handed = std::getenv(succession::environment);
    const char* const pid = std::getenv("LISTEN_PID");
    int channel = -1, lock = -1;
    if (handed && pid && pid == std::to_string(::getpid()) && std::sscanf(handed, "%d %d", &channel, &lock) == 2) {
        channel_ = channel;
        lock_ = lock;
        for (const int fd : {channel_, lock_})
            (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    ::unsetenv(succession::environment);
}

Predecessor::~Predecessor()
{
    for (const int fd : {channel_, lock_})
        if (fd >= 0)
            ::close(fd);
}

void Predecessor::take_state()
{
    if (channel_ < 0)
        return;
    std::array<char, 16> word{};
    ssize_t size = -1;
    if (::send(channel_, succession::asks_for_state.data(), succession::asks_for_state.size(), MSG_NOSIGNAL) > 0)
        do
            size = ::recv(channel_, word.data(), word.size(), 0); // its end is seen here: it has no other deadline
        while (size < 0 && errno == EINTR);
    if (size <= 0 || std::string_view(word.data(), static_cast<std::size_t>(size)) != succession::gives_state)
        throw std::runtime_error("the version that runs did not hand its state directory over");
}

int Predecessor::take_lock() noexcept
{
    return std::exchange(lock_, -1);
}

void Predecessor::succeed() noexcept
{
    if (channel_ < 0)
        return;
    (void)::send(channel_, succession::serves.data(), succession::serves.size(), MSG_NOSIGNAL);
    ::close(std::exchange(channel_, -1));
}

} // namespace paravent
