#pragma once

#include <cstddef>
#include <vector>

namespace paravent::net {

/// A kernel pipe of 256 KiB (or what the kernel gives), for splice(2). Empty whenever it lies in a pool.
struct Pipe {
    int read_end = -1, write_end = -1;
    std::size_t capacity = 0;
    std::size_t held = 0; ///< bytes in it
    explicit operator bool() const noexcept { return read_end >= 0; }
};

/// One worker's idle pipes. The process has at most 128 in all: an ordinary user gets no more of that size.
class Pipes {
public:
    static constexpr int most_in_process = 128;

    Pipes() = default;
    ~Pipes();
    Pipes(const Pipes&) = delete;
    Pipes& operator=(const Pipes&) = delete;

    /// An empty pipe where the budget has one left, else one that is false.
    Pipe take() noexcept;
    /// An empty one is kept; one with bytes left is closed, never used again.
    void give_back(Pipe pipe) noexcept;

private:
    std::vector<Pipe> idle_;
};

} // namespace paravent::net
