#include "proxy/lists/fetcher.hpp"

#include "proxy/files/file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace paravent::lists {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

/// What the helper may take beyond the transfer itself: starting, reading the rules, handing over.
constexpr std::chrono::seconds beyond{30};

FetchReply fault(std::string words)
{
    FetchReply reply;
    reply.error = std::move(words);
    return reply;
}

std::string reason(int error)
{
    return std::generic_category().message(error);
}

class Descriptor {
public:
    explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    void close() noexcept
    {
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = -1;
    }
    void take(int fd) noexcept
    {
        close();
        fd_ = fd;
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

struct Pipe {
    Descriptor reading, writing;
    bool open() noexcept
    {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            return false;
        reading.take(ends[0]);
        writing.take(ends[1]);
        return true;
    }
};

/// A process that is gone, one way or another, when its owner is.
class Process {
public:
    ~Process() { (void)end(); }
    Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Returns errno.
    int start(const fs::path& program, int in, int out)
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

    /// Ends it where it still runs, and returns how it ended, as waitpid(2) says.
    int end() noexcept
    {
        if (pid_ <= 0)
            return status_;
        (void)kill(pid_, SIGKILL); // nothing to a process that has ended already
        while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status_;
    }

    /// The same for one that has closed its output and is about to end by itself.
    int wait_for_end(Clock::time_point until) noexcept
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

private:
    pid_t pid_ = -1;
    int status_ = 0;
};

/// Reads the helper's output until its end, the deadline or the stop.
class Output {
public:
    Output(int fd, Clock::time_point end, const std::stop_token& stop)
        : fd_(fd), end_(end), stop_(stop), woken_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          wake_(stop, [this] { (void)eventfd_write(woken_.get(), 1); })
    {
    }

    enum class State : std::uint8_t { bytes, ended, late, stopped };
    State read(std::string_view& bytes)
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

private:
    const int fd_;
    const Clock::time_point end_;
    const std::stop_token& stop_;
    Descriptor woken_;
    std::stop_callback<std::function<void()>> wake_;
    std::array<char, 65'536> buffer_{};
};

std::string words_of_end(int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return "takes more computing time than a list may";
    if (WIFSIGNALED(status))
        return "could not be asked: the helper program was ended by signal " + std::to_string(WTERMSIG(status));
    return "could not be asked: the helper program ended too early, with status " + std::to_string(WEXITSTATUS(status));
}

/// Takes the helper's message and then the text, into the file.
FetchReply receive(Output& output, Process& process, const fs::path& file)
{
    std::string head;
    std::optional<FetchReply> reply;
    Descriptor out;
    std::size_t received = 0;
    std::string_view bytes;
    for (auto state = output.read(bytes);; state = output.read(bytes)) {
        if (state == Output::State::late)
            return fault("was too slow");
        if (state == Output::State::stopped)
            return fault("was not waited for: the service ends");
        if (state == Output::State::ended)
            break;
        if (!reply) {
            head.append(bytes);
            std::size_t length = 0;
            reply = read_reply(head, length);
            if (!reply)
                return fault("could not be asked: the helper program is another version's");
            if (length == 0) {
                reply.reset();
                continue;
            }
            if (reply->kind == FetchReply::Kind::text) {
                unlink(file.c_str());
                out.take(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
                if (out.get() < 0)
                    return fault("could not be kept: " + file.string() + ": " + reason(errno));
            }
            bytes = std::string_view(head).substr(length);
        }
        received += bytes.size();
        if (received > reply->length)
            return fault("could not be asked: the helper program says more than it announced");
        if (!bytes.empty() && !files::write_all(out.get(), bytes))
            return fault("could not be kept: " + file.string() + ": " + reason(errno));
    }
    const int status = process.wait_for_end(Clock::now() + std::chrono::seconds{5});
    if (!reply || received != reply->length || status != 0)
        return fault(words_of_end(status));
    if (out.get() >= 0 && fsync(out.get()) != 0)
        return fault("could not be kept: " + file.string() + ": " + reason(errno));
    return *reply;
}

} // namespace

fs::path helper_beside(const fs::path& program)
{
    std::error_code ignored;
    const auto folder = program.parent_path();
    for (const auto& place : {folder / "paravent-fetch", folder.parent_path() / "libexec/paravent/paravent-fetch"})
        if (fs::exists(place, ignored))
            return place;
    return folder / "paravent-fetch";
}

FetchReply run_helper(const fs::path& helper, const FetchRequest& request, const fs::path& file,
                      const std::stop_token& stop)
{
    Pipe question, answer;
    if (!question.open() || !answer.open())
        return fault("could not be asked: " + reason(errno));
    Process process;
    if (const int error = process.start(helper, question.reading.get(), answer.writing.get()); error != 0)
        return fault("could not be asked: " + helper.string() + " cannot be started (" + reason(error) +
                     "); it is installed beside paravent");
    question.reading.close();
    answer.writing.close();
    // Less than a pipe holds, so this does not wait; a helper that has ended already is seen by its output.
    (void)files::write_all(question.writing.get(), text_of(request));
    question.writing.close();
    Output output(answer.reading.get(), Clock::now() + request.whole + beyond, stop);
    auto reply = receive(output, process, file);
    if (reply.kind != FetchReply::Kind::text)
        unlink(file.c_str());
    return reply;
}

} // namespace paravent::lists
