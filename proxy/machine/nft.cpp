#include "proxy/machine/nft.hpp"

#include "proxy/helper/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace paravent::machine {
namespace {

constexpr auto within = std::chrono::seconds{10};
constexpr std::size_t most_said = 1 << 20;

std::string program()
{
    for (const auto* folder : {"/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin"}) {
        auto file = std::string(folder) + "/nft";
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

/// nft reads all commands before it says anything, so one direction comes after the other.
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

int start(std::string file, int in, int out, pid_t& pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string option = "-f", standard_input = "-";
    const std::array<char*, 4> arguments{file.data(), option.data(), standard_input.data(), nullptr};
    const std::array<char*, 1> environment{nullptr};
    const int error = posix_spawn(&pid, file.c_str(), &actions, &attributes, arguments.data(), environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

} // namespace

NftResult nft(std::string_view commands)
{
    auto file = program();
    if (file.empty())
        return {};
    helper::Pipe in, out;
    pid_t pid = -1;
    if (!in.open() || !out.open() || start(std::move(file), in.reading.get(), out.writing.get(), pid) != 0)
        return {NftResult::State::refused, "nft cannot be started"};
    in.reading.close();
    out.writing.close();
    std::signal(SIGPIPE, SIG_IGN); // where nft ends before it has read all, its words say why
    const auto end = helper::Clock::now() + within;
    write_all(in.writing.get(), commands, end);
    in.writing.close();
    NftResult result{NftResult::State::done, read_all(out.reading.get(), end)};
    const int status = ended(pid, end);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        result.state = NftResult::State::refused;
    if (WIFSIGNALED(status) && result.text.empty())
        result.text = "it did not answer";
    return result;
}

bool may_change_rules()
{
    constexpr unsigned long long net_admin = 1ULL << 12;
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("CapEff:"))
            return (std::stoull(line.substr(7), nullptr, 16) & net_admin) != 0;
    return false;
}

} // namespace paravent::machine
