#include "proxy/signals.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace paravent {

Signals::Signals()
{
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2})
        sigaddset(&ours, signal);
    ::pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    descriptor_ = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0)
        throw std::system_error(errno, std::generic_category(), "signals cannot be heard");
}

Signals::~Signals()
{
    ::close(descriptor_);
}

std::optional<int> Signals::take()
{
    signalfd_siginfo heard{};
    if (::read(descriptor_, &heard, sizeof heard) != static_cast<ssize_t>(sizeof heard))
        return std::nullopt;
    return static_cast<int>(heard.ssi_signo);
}

std::optional<int> Signals::wait_for(std::chrono::milliseconds most)
{
    pollfd heard{descriptor_, POLLIN, 0};
    (void)::poll(&heard, 1, static_cast<int>(std::min<std::chrono::milliseconds::rep>(most.count(), INT32_MAX)));
    return take();
}

int Signals::wait()
{
    for (;;)
        if (const auto signal = wait_for(std::chrono::hours{1}))
            return *signal;
}

} // namespace paravent
