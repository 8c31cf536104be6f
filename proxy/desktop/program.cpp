#include "proxy/desktop/program.hpp"

#include "proxy/helper/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace paravent::desktop {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto within = std::chrono::seconds{10};
constexpr std::size_t most = 256 * 1024;

std::string_view name_in(std::string_view pair)
{
    return pair.substr(0, pair.find('='));
}

std::vector<std::string> environment_with(const std::vector<std::string>& more)
{
    std::vector<std::string> own{"LC_ALL=C.UTF-8"};
    own.insert(own.end(), more.begin(), more.end());
    std::vector<std::string> all = own;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view pair = *one;
        bool replaced = false;
        for (const auto& mine : own)
            replaced = replaced || name_in(mine) == name_in(pair);
        if (!replaced)
            all.emplace_back(pair);
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> result;
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

int start(pid_t& pid, std::vector<std::string> words, const std::vector<std::string>& more, int out, int error)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
    auto environment = environment_with(more);
    const auto arguments = pointers(words), variables = pointers(environment);
    const int failure =
        posix_spawnp(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/// Takes what is there; false at the end. More than `most` is read and dropped, so that the program can end.
bool take(int fd, std::string& text)
{
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR)
        return true;
    if (got <= 0)
        return false;
    text.append(bytes.data(), std::min(static_cast<std::size_t>(got), most - text.size()));
    return true;
}

bool read_both(int out, int error, Said& said, Clock::time_point until)
{
    bool out_open = true, error_open = true;
    while (out_open || error_open) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0)
            return false;
        std::array<pollfd, 2> waits{pollfd{out_open ? out : -1, POLLIN, 0}, pollfd{error_open ? error : -1, POLLIN, 0}};
        if (::poll(waits.data(), waits.size(), static_cast<int>(left)) < 0 && errno != EINTR)
            return false;
        if (waits[0].revents != 0)
            out_open = take(out, said.out);
        if (waits[1].revents != 0)
            error_open = take(error, said.error);
    }
    return true;
}

void cut_end(std::string& text)
{
    while (text.ends_with('\n'))
        text.pop_back();
}

} // namespace

Said run(const std::vector<std::string>& words, const std::vector<std::string>& more)
{
    Said said;
    helper::Pipe out, error;
    pid_t pid = -1;
    if (!out.open() || !error.open() || start(pid, words, more, out.writing.get(), error.writing.get()) != 0) {
        said.there = false;
        return said;
    }
    out.writing.close();
    error.writing.close();
    const bool ended = read_both(out.reading.get(), error.reading.get(), said, Clock::now() + within);
    if (!ended)
        (void)::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    said.status = ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (!ended)
        said.error = words.front() + " did not answer within 10 seconds";
    cut_end(said.out);
    cut_end(said.error);
    return said;
}

std::string reason(const Said& said, const std::string& otherwise)
{
    if (said.error.empty())
        return otherwise;
    const auto line = said.error.rfind('\n');
    return line == std::string::npos ? said.error : said.error.substr(line + 1);
}

} // namespace paravent::desktop
