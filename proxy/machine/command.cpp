#include "proxy/machine/command.hpp"

#include "proxy/helper/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace paravent::machine {
namespace {

constexpr auto within = std::chrono::seconds{10};
constexpr std::size_t most_said = 1 << 20;

std::string place_of(const std::string& name)
{
    for (const auto* folder : {"/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin"}) {
        auto file = std::string(folder) + "/" + name;
        if (::access(file.c_str(), X_OK) == 0)
            return file;
    }
    return {};
}

/// Whether the descriptor is ready for that before the end.
bool is_ready(int fd, short events, helper::Clock::time_point end)
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - helper::Clock::now()).count();
    pollfd waiting{fd, events, 0};
    return left > 0 && ::poll(&waiting, 1, static_cast<int>(left)) > 0;
}

/// What is read whole before anything is said, so that one direction comes after the other.
void write_all(int fd, std::string_view text, helper::Clock::time_point end)
{
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    while (!text.empty() && is_ready(fd, POLLOUT, end)) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return;
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

std::string read_all(int fd, helper::Clock::time_point end)
{
    std::string text;
    std::array<char, 4096> piece{};
    while (text.size() < most_said && is_ready(fd, POLLIN, end)) {
        const auto size = ::read(fd, piece.data(), piece.size());
        if (size <= 0)
            break;
        text.append(piece.data(), static_cast<std::size_t>(size));
    }
    return text;
}

/// How it ended; one that does not is ended.
int ended(pid_t pid, helper::Clock::time_point end)
{
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0) {
        if (helper::Clock::now() > end) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, &status, 0);
            break;
        }
        ::usleep(2'000);
    }
    return status;
}

int start(const std::string& file, const std::vector<std::string>& words, int in, int out, WhenToldToEnd then,
          pid_t& pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    sigset_t blocked, all;
    sigemptyset(&blocked);
    if (then == WhenToldToEnd::finishes)
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
            sigaddset(&blocked, signal);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> arguments{const_cast<char*>(file.c_str())}; // posix_spawn changes none of them
    for (const auto& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::array<char*, 1> environment{nullptr};
    const int error = posix_spawn(&pid, file.c_str(), &actions, &attributes, arguments.data(), environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

} // namespace

CommandResult run(const std::string& program, const std::vector<std::string>& words, std::string_view input,
                  WhenToldToEnd then)
{
    using State = CommandResult::State;
    const auto file = place_of(program);
    if (file.empty())
        return {};
    helper::Pipe in, out;
    pid_t pid = -1;
    if (!in.open() || !out.open() || start(file, words, in.reading.get(), out.writing.get(), then, pid) != 0)
        return {State::refused, program + " cannot be started"};
    in.reading.close();
    out.writing.close();
    std::signal(SIGPIPE, SIG_IGN); // where it ends before it has read all, its words say why
    const auto end = helper::Clock::now() + within;
    write_all(in.writing.get(), input, end);
    in.writing.close();
    CommandResult result{State::done, read_all(out.reading.get(), end)};
    const int status = ended(pid, end);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        result.state = State::refused;
    if (WIFSIGNALED(status) && result.text.empty())
        result.text = "it did not answer";
    return result;
}

} // namespace paravent::machine
