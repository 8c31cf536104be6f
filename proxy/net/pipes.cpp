#include "proxy/net/pipes.hpp"

#include <atomic>
#include <fcntl.h>
#include <unistd.h>

namespace paravent::net {
namespace {

constexpr int wanted_size = 256 * 1024;
constexpr std::size_t kept_idle = 16;
std::atomic<int> in_process{0};

void close_pipe(const Pipe& pipe) noexcept
{
    ::close(pipe.read_end);
    ::close(pipe.write_end);
    --in_process;
}

} // namespace

Pipes::~Pipes()
{
    for (const auto& pipe : idle_)
        close_pipe(pipe);
}

Pipe Pipes::take() noexcept
{
    if (!idle_.empty()) {
        const Pipe pipe = idle_.back();
        idle_.pop_back();
        return pipe;
    }
    if (++in_process > most_in_process) {
        --in_process;
        return {};
    }
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
        --in_process;
        return {};
    }
    const int size = ::fcntl(ends[1], F_SETPIPE_SZ, wanted_size);
    const Pipe pipe{ends[0], ends[1], size > 0 ? static_cast<std::size_t>(size) : 0, 0};
    if (size < 64 * 1024) { // the user's pages for pipes are spent: what is left is slower than copying
        close_pipe(pipe);
        return {};
    }
    return pipe;
}

void Pipes::give_back(Pipe pipe) noexcept
{
    if (!pipe)
        return;
    if (pipe.held != 0 || idle_.size() >= kept_idle)
        close_pipe(pipe);
    else
        idle_.push_back(pipe);
}

} // namespace paravent::net
