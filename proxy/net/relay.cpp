#include "proxy/net/relay.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <utility>

namespace paravent::net {
namespace {

/// Full scratch buffers in a row before a way is worth a pipe.
constexpr unsigned steady = 4;
/// Rounds for one readiness, so that one fast tunnel does not keep a worker from the others: at most 16 MiB, some 2 ms.
/// With a quarter of them, 16 tunnels that are always ready cost 3 % more of the processor for each byte.
constexpr int rounds = 64;
constexpr Millis look{1000};

} // namespace

Relay::Relay(Stream& a, Stream& b, std::string from_a, std::string from_b, RelayTools tools, Limits limits)
    : Wait(tools.deadlines), tools_(tools), limits_(limits), over_(tools.signals)
{
    ways_[0].from = ways_[1].to = &a;
    ways_[0].to = ways_[1].from = &b;
    ways_[0].pending = std::move(from_a);
    ways_[1].pending = std::move(from_b);
}

Relay::~Relay()
{
    for (auto& way : ways_)
        tools_.pipes.give_back(way.pipe);
}

awaitable<RelayEnd> Relay::run()
{
    moved();
    for (auto& way : ways_)
        if (!ended_)
            advance(way);
    leave_if_quiet();
    co_await over_.wait();
    co_return end_;
}

void Relay::moved() noexcept
{
    const Millis limit = ways_[0].over || ways_[1].over ? limits_.half_closed : limits_.idle;
    moved_at_ = coarse_now();
    idle_at_ = moved_at_ + limit.count();
    due_in(ways_[0].blocked || ways_[1].blocked ? std::min(look, limit) : limit);
}

Millis Relay::quiet_for() const noexcept
{
    // What waits for a slow reader, here or with the system, is under way.
    for (const auto& way : ways_)
        if (int unsent = 0; way.blocked || (::ioctl(way.to->fd(), SIOCOUTQ, &unsent) == 0 && unsent > 0))
            return Millis{0};
    return Millis(coarse_now() - moved_at_);
}

/// While a way waits for its reader, nobody waits for its writer, whose reset would go unseen: look now and then.
void Relay::expire()
{
    if (coarse_now() >= idle_at_)
        return finish(RelayEnd::idle);
    for (auto& way : ways_)
        if (way.blocked && way.from->broken())
            return finish(RelayEnd::reset);
    due_in(ways_[0].blocked || ways_[1].blocked ? look : Millis(idle_at_ - coarse_now()));
}

void Relay::advance(Way& way)
{
    for (int round = 0; round < rounds; ++round) {
        switch (step(way)) {
        case Step::again:
            continue;
        case Step::need_read:
            return wait(way, Socket::wait_read);
        case Step::need_write:
            return wait(way, Socket::wait_write);
        case Step::over:
            way.over = true;
            way.to->shutdown_send();
            moved();
            if (ways_[0].over && ways_[1].over)
                finish(RelayEnd::finished);
            return;
        case Step::broken:
            return finish(RelayEnd::reset);
        }
    }
    wait(way, way.pending.empty() && way.pipe.held == 0 ? Socket::wait_read : Socket::wait_write);
}

Relay::Step Relay::step(Way& way)
{
    if (!way.pending.empty())
        return send_pending(way);
    if (way.pipe)
        return splice(way);
    if (way.eof)
        return Step::over;
    if (way.full_reads >= steady && way.from->plain() && way.to->plain()) {
        way.pipe = tools_.pipes.take();
        if (way.pipe)
            return splice(way);
        way.full_reads = 0; // no pipe to be had: copy on, ask again later
    }
    return copy(way);
}

Relay::Step Relay::send_pending(Way& way)
{
    const iovec rest{way.pending.data() + way.sent, way.pending.size() - way.sent};
    const auto n = way.to->try_write({&rest, 1});
    if (!n)
        return is_would_block(n.error()) ? Step::need_write : Step::broken;
    moved();
    way.sent += *n;
    way.bytes += *n;
    if (way.sent < way.pending.size())
        return Step::need_write;
    way.pending = {}; // gives the memory back as well
    way.sent = 0;
    return Step::again;
}

Relay::Step Relay::copy(Way& way)
{
    const auto n = way.from->try_read(tools_.scratch);
    if (!n)
        return is_would_block(n.error()) ? Step::need_read : Step::broken;
    if (*n == 0) {
        way.eof = true;
        return Step::over;
    }
    moved();
    const bool full = *n == tools_.scratch.size();
    way.full_reads = full ? way.full_reads + 1 : 0;
    const iovec got{tools_.scratch.data(), *n};
    const auto sent = way.to->try_write({&got, 1});
    if (!sent && !is_would_block(sent.error()))
        return Step::broken;
    const std::size_t taken = sent ? *sent : 0;
    way.bytes += taken;
    if (taken < *n) {
        way.pending.assign(tools_.scratch.data() + taken, *n - taken);
        return Step::need_write;
    }
    // A short read took all there was on the socket; a layer gives what it has piece by piece.
    return full || !way.from->plain() ? Step::again : Step::need_read;
}

Relay::Step Relay::splice(Way& way)
{
    bool socket_empty = false;
    if (!way.eof && way.pipe.held < way.pipe.capacity) {
        const auto n = ::splice(way.from->fd(), nullptr, way.pipe.write_end, nullptr, way.pipe.capacity - way.pipe.held,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (n > 0)
            way.pipe.held += static_cast<std::size_t>(n);
        else if (n == 0)
            way.eof = true;
        else if (errno == EAGAIN)
            socket_empty = true; // or the pipe is full of small pieces: then `held` is not 0 and it drains first
        else if (errno != EINTR)
            return Step::broken;
    }
    if (way.pipe.held > 0) {
        const auto n = ::splice(way.pipe.read_end, nullptr, way.to->fd(), nullptr, way.pipe.held,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return Step::broken;
        if (n <= 0)
            return n < 0 && errno == EINTR ? Step::again : Step::need_write;
        way.pipe.held -= static_cast<std::size_t>(n);
        way.bytes += static_cast<std::uint64_t>(n);
        moved();
        return Step::again;
    }
    if (way.eof || socket_empty) { // nothing in it: others may need it more
        tools_.pipes.give_back(std::exchange(way.pipe, {}));
        return way.eof ? Step::over : Step::need_read;
    }
    return Step::again;
}

void Relay::wait(Way& way, Socket::wait_type what)
{
    way.waiting = true;
    way.blocked = what == Socket::wait_write;
    if (way.blocked)
        due_in(std::min(look, Millis(std::max<std::int64_t>(0, idle_at_ - coarse_now()))));
    Stream& stream = what == Socket::wait_read ? *way.from : *way.to;
    auto ready = [this, &way](error_code error) {
        way.waiting = way.blocked = false;
        if (error)
            finish(error == asio::error::operation_aborted ? RelayEnd::stopped : RelayEnd::reset);
        if (!ended_)
            advance(way);
        leave_if_quiet();
    };
    if (!way.blocked && stream.holds_bytes())
        asio::post(stream.socket().get_executor(), [ready] { ready(error_code{}); });
    else
        stream.socket().async_wait(what, ready);
}

void Relay::finish(RelayEnd how) noexcept
{
    if (ended_)
        return;
    ended_ = true;
    end_ = how;
    no_longer_due();
    ways_[0].from->cancel();
    ways_[0].to->cancel();
}

void Relay::leave_if_quiet()
{
    if (ended_ && !ways_[0].waiting && !ways_[1].waiting)
        over_.set();
}

} // namespace paravent::net
