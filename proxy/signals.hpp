#pragma once

#include <chrono>
#include <csignal>
#include <optional>

namespace paravent {

/// The signals that mean something to the service: blocked in every thread, taken one at a time by the main one.
class Signals {
public:
    /// Before there are other threads, which inherit that they are blocked. @throws std::system_error
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    int wait();                                                  ///< for the next one
    std::optional<int> wait_for(std::chrono::milliseconds most); ///< nothing: none came
    std::optional<int> take();                                   ///< nothing: none waits
    int descriptor() const noexcept { return descriptor_; }      ///< readable where one waits

private:
    int descriptor_ = -1;
};

/// Says that the service is to end.
constexpr bool ends(int signal) noexcept
{
    return signal == SIGTERM || signal == SIGINT;
}

} // namespace paravent
