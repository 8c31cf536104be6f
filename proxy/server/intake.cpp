#include "proxy/server/intake.hpp"

#include "proxy/net/deadlines.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/turn.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <utility>

namespace paravent::server {

using net::awaitable;
namespace asio = net::asio;

namespace {

using Descriptor = asio::posix::basic_stream_descriptor<net::Executor>;

/// A reader that stands still is not waited for.
class WriteDeadline final : private net::Wait {
public:
    WriteDeadline(Worker& worker, Descriptor& pipe) : Wait(worker.deadlines), pipe_(pipe) {}
    void start(net::Millis limit) { due_in(limit); }
    void stop() noexcept { no_longer_due(); }

private:
    void expire() override
    {
        net::error_code ignored;
        pipe_.cancel(ignored);
    }
    Descriptor& pipe_;
};

/// A large file from this computer or the next comes as fast as it can be read: the home's own requests, which share
/// the worker with it, would wait. So fast and no faster: 300 MB take ten seconds.
class Pace {
public:
    explicit Pace(Worker& worker) : worker_(worker), timer_(worker.context.get_executor()) {}

    /// To be asked after each piece; nobody waits longer than for a Turn's share of bytes.
    awaitable<void> keep(std::size_t bytes)
    {
        if (!turn_.used_up(bytes))
            co_return;
        due_ = std::max(due_ + step, Clock::now() - step); // time that was lost is not caught up with
        if (due_ <= Clock::now())
            co_return co_await net::give_way(worker_.context);
        timer_.expires_at(due_);
        (void)co_await timer_.async_wait(net::quietly);
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t bytes_a_second = 32 * 1024 * 1024;
    static constexpr std::chrono::microseconds step{1'000'000 * net::Turn::share / bytes_a_second};

    Worker& worker_;
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor> timer_;
    net::Turn turn_;
    Clock::time_point due_ = Clock::now();
};

/// Where another thread leaves a reply for the connection that waits for it.
struct Expected {
    explicit Expected(net::Executor its_executor) : executor(std::move(its_executor)) {}
    net::Executor executor;
    net::Signal* signal = nullptr; ///< the rest is touched on the worker alone
    std::optional<LocalReply> reply;
};

} // namespace

awaitable<Passed> pass_body(Worker& worker, Exchange& x, int descriptor)
{
    // Asio closes what it is given, and the intake keeps its own.
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        co_return Passed::refused;
    Descriptor pipe(worker.context.get_executor(), own);
    WriteDeadline deadline(worker, pipe);
    const auto limit = worker.snapshot()->settings->limits.idle;
    Pace pace(worker);
    for (;;) {
        const auto piece = co_await x.read_body();
        if (!piece)
            co_return Passed::cut;
        if (piece->empty())
            co_return Passed::whole;
        deadline.start(limit);
        const auto [error, written] =
            co_await asio::async_write(pipe, asio::buffer(piece->data(), piece->size()), net::quietly);
        deadline.stop();
        if (error)
            co_return error == asio::error::operation_aborted ? Passed::cut : Passed::refused;
        co_await pace.keep(written);
    }
}

awaitable<bool> discard_body(Worker& worker, Exchange& x)
{
    constexpr net::Millis pause{2000};
    constexpr net::Millis whole{10 * 60 * 1000};
    const auto until = net::coarse_now() + whole.count();
    Pace pace(worker);
    while (net::coarse_now() < until) {
        const auto piece = co_await x.read_body(pause);
        if (!piece)
            co_return false;
        if (piece->empty())
            co_return true;
        co_await pace.keep(piece->size());
    }
    co_return false;
}

awaitable<LocalReply> end_of(Worker& worker, Intake& intake)
{
    net::Signal ready(worker.signals);
    const auto expected = std::make_shared<Expected>(worker.context.get_executor());
    expected->signal = &ready;
    intake.end([expected](LocalReply given) {
        auto reply = std::make_shared<LocalReply>(std::move(given));
        asio::post(expected->executor, [expected, reply] {
            expected->reply = std::move(*reply);
            expected->signal->set();
        });
    });
    co_await ready.wait();
    co_return std::move(*expected->reply);
}

} // namespace paravent::server
