#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

// Helper programs: what parses strangers' bytes with large libraries runs apart from the proxy, without its rights.
namespace paravent::helper {

using Clock = std::chrono::steady_clock;

class Descriptor {
public:
    explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    void close() noexcept;
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
    bool open() noexcept; ///< false: errno says why
};

/// A process that is gone, one way or another, when its owner is.
class Process {
public:
    ~Process() { (void)end(); }
    Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// With these as its standard input and output, and an empty environment. Returns errno.
    int start(const std::filesystem::path& program, int in, int out);
    /// Ends it where it still runs, and returns how it ended, as waitpid(2) says.
    int end() noexcept;
    /// The same for one that has closed its output and is about to end by itself.
    int wait_for_end(Clock::time_point until) noexcept;

private:
    pid_t pid_ = -1;
    int status_ = 0;
};

/// Reads a helper's output until its end, the deadline or the stop.
class Output {
public:
    Output(int fd, Clock::time_point end, const std::stop_token& stop);

    enum class State : std::uint8_t { bytes, ended, late, stopped };
    State read(std::string_view& bytes); ///< `bytes` stand until the next call

private:
    const int fd_;
    const Clock::time_point end_;
    const std::stop_token& stop_;
    Descriptor woken_;
    std::stop_callback<std::function<void()>> wake_;
    std::array<char, 65'536> buffer_{};
};

/// Where a helper program is installed: beside the program itself, or in the libexec folder next to it.
std::filesystem::path program_beside(const std::filesystem::path& program, std::string_view name);

} // namespace paravent::helper
