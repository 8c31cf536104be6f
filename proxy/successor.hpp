#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace paravent {

/// How this process was started, so that it can be started again.
struct Invocation {
    /// `program`: its file, as it was found at the start: a new version has that name afterwards.
    explicit Invocation(std::filesystem::path program);
    std::filesystem::path program;
    std::vector<std::string> arguments; ///< with the program's name in front
};

/// A listening socket by the name that it has in LISTEN_FDNAMES.
struct Handed {
    int descriptor = -1;
    std::string_view name;
};

/// The new version of the program, started beside this one to take over from it (succession.hpp).
class Successor {
public:
    Successor() = default;
    /// Ends it where it has not taken over.
    ~Successor();
    Successor(const Successor&) = delete;
    Successor& operator=(const Successor&) = delete;

    /// Starts it with the same arguments and environment, the sockets, and the state directory's lock (-1: none).
    /// The signals of signals.hpp stay blocked, so that none is lost or ends it before it hears them.
    /// Empty, or a sentence that says why it could not be started.
    std::string start(const Invocation& invocation, const std::vector<Handed>& sockets, int lock);

    enum class Word { none, state, ready, gone };
    int channel() const noexcept { return channel_; } ///< readable where it said something
    Word hear();
    void give_state() noexcept;
    pid_t pid() const noexcept { return pid_; }
    void signal(int number) const noexcept;

    /// After `gone`: a sentence that says how it ended.
    std::string ending() const;
    void end() noexcept; ///< at once
    /// It has taken over, and lives longer than this process.
    void release() noexcept;

private:
    bool has_ended(std::chrono::milliseconds within) const noexcept;

    pid_t pid_ = -1;
    int channel_ = -1;
    int process_ = -1; ///< a pidfd: the number of a process that is not our child may be another's by now
    int error_ = 0;    ///< why its program could not be started
};

} // namespace paravent
