#pragma once

#include "proxy/net/deadlines.hpp"
#include "proxy/net/pipes.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/stream.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace paravent::net {

/// How a relay ended.
enum class RelayEnd : std::uint8_t {
    finished, ///< both sides said all they had
    reset,    ///< one side broke; the other was broken too
    idle,     ///< nothing moved for too long
    stopped,  ///< `stop` was called
};

/// What one worker's relays share.
struct RelayTools {
    std::span<char> scratch; ///< 64 KiB that nobody holds across a wait
    Pipes& pipes;
    Deadlines& deadlines;
    Signals& signals;
};

/// Copies bytes both ways until both sides have ended; splices where they flow steadily. Both sides are watched all the
/// time, also while one direction is busy. Half-close passes on. Idle, it holds neither buffer nor pipe.
/// Written as callbacks, since two coroutine frames a tunnel would be most of its memory.
class Relay final : private Wait {
public:
    struct Limits {
        Millis idle;        ///< nothing moves in either direction
        Millis half_closed; ///< the same once one side has said its last
    };
    /// `from_a`, `from_b`: bytes already read from a and b, sent first.
    Relay(Stream& a, Stream& b, std::string from_a, std::string from_b, RelayTools tools, Limits limits);
    ~Relay();

    /// Runs to the end. Both streams are left for the caller to close.
    awaitable<RelayEnd> run();
    void stop() noexcept { finish(RelayEnd::stopped); }
    /// How long nothing has moved; nothing while bytes wait for their reader.
    Millis quiet_for() const noexcept;
    std::uint64_t bytes(bool from_a) const noexcept { return ways_[from_a ? 0 : 1].bytes; }

private:
    struct Way {
        Stream* from = nullptr;
        Stream* to = nullptr;
        std::string pending;  ///< read but not yet taken by `to`
        std::size_t sent = 0; ///< of `pending`
        Pipe pipe;
        std::uint64_t bytes = 0;
        unsigned full_reads = 0; ///< in a row: bytes flow steadily
        bool eof = false;        ///< `from` said its last
        bool over = false;       ///< and `to` was told
        bool waiting = false;
        bool blocked = false; ///< waits for `to`
    };
    enum class Step : std::uint8_t { again, need_read, need_write, over, broken };

    void expire() override;
    void advance(Way& way);
    Step step(Way& way);
    Step send_pending(Way& way);
    Step copy(Way& way);
    Step splice(Way& way);
    void wait(Way& way, Socket::wait_type what);
    void finish(RelayEnd how) noexcept;
    void leave_if_quiet();
    void moved() noexcept;

    std::array<Way, 2> ways_;
    RelayTools tools_;
    Limits limits_;
    std::int64_t idle_at_ = 0, moved_at_ = 0;
    bool ended_ = false;
    RelayEnd end_ = RelayEnd::finished;
    Signal over_;
};

} // namespace paravent::net
