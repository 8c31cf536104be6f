#include "proxy/successor.hpp"

#include "proxy/succession.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace paravent {
namespace {

/// Not to be inherited: what belongs to the process that was started with it.
bool is_ours_alone(std::string_view variable)
{
    for (const std::string_view name :
         {"LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "WATCHDOG_PID=", "PARAVENT_PREDECESSOR="})
        if (variable.starts_with(name))
            return true;
    return false;
}

/// All that the new process needs between fork and exec, where memory may not be asked for.
struct Ready {
    Ready(const Invocation& invocation, const std::vector<Handed>& sockets, int channel, int lock)
        : program(invocation.program.string()), arguments(invocation.arguments)
    {
        std::string names;
        for (const auto& socket : sockets) {
            descriptors.push_back(socket.descriptor);
            names += (names.empty() ? "" : ":") + std::string(socket.name);
        }
        int next = succession::first_descriptor + static_cast<int>(sockets.size());
        if (lock >= 0)
            descriptors.push_back(lock);
        const int lock_there = lock >= 0 ? next++ : -1;
        descriptors.push_back(channel); // the last one: what goes wrong is said by it
        const int channel_there = next++;
        above = next;
        for (char** variable = environ; *variable; ++variable)
            if (!is_ours_alone(*variable))
                environment.emplace_back(*variable);
        environment.push_back("LISTEN_FDS=" + std::to_string(sockets.size()));
        environment.push_back("LISTEN_FDNAMES=" + names);
        environment.push_back(std::string(succession::environment) + "=" + std::to_string(channel_there) + " " +
                              std::to_string(lock_there));
        environment.emplace_back("LISTEN_PID=00000000000000000000");
        copies.resize(descriptors.size());
        for (auto& argument : arguments)
            argument_pointers.push_back(argument.data());
        argument_pointers.push_back(nullptr);
        for (auto& variable : environment)
            environment_pointers.push_back(variable.data());
        environment_pointers.push_back(nullptr);
    }

    std::string program;
    std::vector<std::string> arguments, environment;
    std::vector<char*> argument_pointers, environment_pointers;
    std::vector<int> descriptors, copies;
    int above = 0; ///< the first number that is not handed on
};

/// In the new process: its own number, which LISTEN_PID wants, and the descriptors in their places.
[[noreturn]] void become(Ready& ready, int channel) noexcept
{
    auto& pid = ready.environment.back();
    char* const digits = pid.data() + std::strlen("LISTEN_PID=");
    *std::to_chars(digits, pid.data() + pid.size(), ::getpid()).ptr = '\0';
    bool good = true;
    for (std::size_t i = 0; i < ready.descriptors.size(); ++i) { // out of each other's way first
        ready.copies[i] = ::fcntl(ready.descriptors[i], F_DUPFD_CLOEXEC, ready.above);
        good = good && ready.copies[i] >= 0;
    }
    for (std::size_t i = 0; good && i < ready.copies.size(); ++i)
        // Not by dup2(): ThreadSanitizer does not know of this fork, and would see a race with the parent's descriptor.
        good = ::syscall(SYS_dup3, ready.copies[i], succession::first_descriptor + static_cast<int>(i), 0) >= 0;
    if (good) {
        std::signal(SIGPIPE, SIG_DFL);
        ::execve(ready.program.c_str(), ready.argument_pointers.data(), ready.environment_pointers.data());
    }
    if (ready.copies.back() >= 0) // the number it had may be another's by now
        channel = ready.copies.back();
    std::array<char, 32> word{};
    std::memcpy(word.data(), succession::not_started.data(), succession::not_started.size());
    const auto end = std::to_chars(word.data() + succession::not_started.size(), word.data() + word.size(), errno).ptr;
    (void)::send(channel, word.data(), static_cast<std::size_t>(end - word.data()), MSG_NOSIGNAL);
    ::_exit(127);
}

/// As fork; the new process has the parent of this one, such as the service manager, which then sees how it ends, and
/// waits for it at a stop, long after this one has gone. `process`: gets a pidfd where that succeeds.
pid_t fork_beside(int& process) noexcept
{
    int number = -1; // the kernel may write one here, and take it back where it refuses
    // glibc has no fork with flags. Between this and exec only the system is called.
    const auto pid = static_cast<pid_t>(
        ::syscall(SYS_clone, CLONE_PARENT | CLONE_PIDFD | SIGCHLD, nullptr, &number, nullptr, nullptr));
    if (pid > 0)
        process = number;
    return pid;
}

} // namespace

Invocation::Invocation(std::filesystem::path its_program) : program(std::move(its_program))
{
    std::ifstream in("/proc/self/cmdline", std::ios::binary);
    for (std::string argument; std::getline(in, argument, '\0');)
        arguments.push_back(argument);
}

Successor::~Successor()
{
    end();
}

std::string Successor::start(const Invocation& invocation, const std::vector<Handed>& sockets, int lock)
{
    if (::getpid() == 1)
        return "this is the first process of a container, which ends with it: start another container";
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return std::string("it could not be started: ") + std::strerror(errno);
    channel_ = ends[0];
    Ready ready(invocation, sockets, ends[1], lock);
    pid_ = fork_beside(process_);
    const int error = errno;
    if (pid_ == 0)
        become(ready, ends[1]);
    ::close(ends[1]);
    return pid_ > 0 ? std::string{} : std::string("it could not be started: ") + std::strerror(error);
}

Successor::Word Successor::hear()
{
    std::array<char, 64> bytes{};
    ssize_t size = -1;
    do
        size = ::recv(channel_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    while (size < 0 && errno == EINTR);
    if (size < 0 && errno == EAGAIN)
        return Word::none;
    const std::string_view word(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (word == succession::asks_for_state)
        return Word::state;
    if (word == succession::serves)
        return Word::ready;
    if (word.starts_with(succession::not_started))
        std::from_chars(word.data() + succession::not_started.size(), word.data() + word.size(), error_);
    return Word::gone;
}

void Successor::give_state() noexcept
{
    (void)::send(channel_, succession::gives_state.data(), succession::gives_state.size(), MSG_NOSIGNAL);
}

std::string Successor::ending() const
{
    if (error_ != 0)
        return std::string("it could not be started: ") + std::strerror(error_);
    // The channel ends a moment before the process does.
    return has_ended(std::chrono::seconds{1})
               ? "it ended before it served, and said why in front of this, or crashed or was killed"
               : "it closed the channel to this one";
}

void Successor::signal(int number) const noexcept
{
    (void)::syscall(SYS_pidfd_send_signal, process_, number, nullptr, 0); // Debian 12's <sys/pidfd.h> is for C alone
}

void Successor::end() noexcept
{
    if (pid_ > 0) {
        signal(SIGKILL);
        (void)has_ended(std::chrono::seconds{5});
    }
    pid_ = -1;
    for (int* const fd : {&channel_, &process_})
        if (*fd >= 0)
            ::close(std::exchange(*fd, -1));
}

void Successor::release() noexcept
{
    pid_ = -1;
    end();
}

bool Successor::has_ended(std::chrono::milliseconds within) const noexcept
{
    pollfd process{process_, POLLIN, 0};
    return ::poll(&process, 1, static_cast<int>(within.count())) > 0;
}

} // namespace paravent
