#include "proxy/helper/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace paravent::helper {

namespace fs = std::filesystem;

void Descriptor::close() noexcept
{
    if (fd_ >= 0)
        ::close(fd_);
    fd_ = -1;
}

bool Pipe::open() noexcept
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return false;
    reading.take(ends[0]);
    writing.take(ends[1]);
    return true;
}

int Process::start(const fs::path& program, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    // Signals as any program finds them: ours blocks and ignores some.
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string name = program.string();
    const std::array<char*, 2> arguments{name.data(), nullptr};
    const std::array<char*, 1> environment{nullptr}; // no proxy, no library, no certificate by environment
    pid_t pid = -1;
    const int error = posix_spawn(&pid, name.c_str(), &actions, &attributes, arguments.data(), environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0)
        pid_ = pid;
    return error;
}

int Process::end() noexcept
{
    if (pid_ <= 0)
        return status_;
    (void)kill(pid_, SIGKILL); // nothing to a process that has ended already
    while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status_;
}

int Process::wait_for_end(Clock::time_point until) noexcept
{
    while (pid_ > 0 && Clock::now() < until) {
        const pid_t got = waitpid(pid_, &status_, WNOHANG);
        if (got == pid_) {
            pid_ = -1;
            break;
        }
        (void)poll(nullptr, 0, 5);
    }
    return end();
}

Output::Output(int fd, Clock::time_point end, const std::stop_token& stop)
    : fd_(fd), end_(end), stop_(stop), woken_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      wake_(stop, [this] { (void)eventfd_write(woken_.get(), 1); })
{
}

Output::State Output::read(std::string_view& bytes)
{
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
        if (stop_.stop_requested())
            return State::stopped;
        if (left <= 0)
            return State::late;
        std::array<pollfd, 2> waits{pollfd{fd_, POLLIN, 0}, pollfd{woken_.get(), POLLIN, 0}};
        if (poll(waits.data(), waits.size(), static_cast<int>(std::min<long>(left + 1, 60'000))) <= 0 ||
            waits[0].revents == 0)
            continue;
        const ssize_t got = ::read(fd_, buffer_.data(), buffer_.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return State::ended;
        bytes = {buffer_.data(), static_cast<std::size_t>(got)};
        return State::bytes;
    }
}

fs::path program_beside(const fs::path& program, std::string_view name)
{
    std::error_code ignored;
    const auto folder = program.parent_path();
    for (const auto& place : {folder / name, folder.parent_path() / "libexec/paravent" / name})
        if (fs::exists(place, ignored))
            return place;
    return folder / name;
}

} // namespace paravent::helper
