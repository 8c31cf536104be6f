#include "proxy/watchdog.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

using namespace paravent;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// A thread with an io_context of its own, as a worker has it.
class Worker {
public:
    Worker() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
    ~Worker()
    {
        release();
        work_.reset();
        thread_.join();
    }
    Watched watched(std::chrono::milliseconds patience = 0ms)
    {
        return {[this](std::function<void()> call) { asio::post(context_, std::move(call)); }, patience};
    }
    /// It does nothing else from now on. Returns once that is so.
    void block()
    {
        std::promise<void> begun;
        free_ = std::make_unique<std::promise<void>>();
        asio::post(context_, [&begun, until = free_->get_future().share()] {
            begun.set_value();
            until.wait();
        });
        begun.get_future().wait();
    }
    void release()
    {
        if (free_)
            free_->set_value();
        free_.reset();
    }

private:
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::unique_ptr<std::promise<void>> free_;
    std::thread thread_;
};

template <class Condition>
bool eventually(Condition condition)
{
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(watchdog)

BOOST_AUTO_TEST_CASE(there_are_beats_while_every_worker_answers)
{
    Worker first, second;
    std::atomic<int> beats{0};
    const Watchdog dog({first.watched(), second.watched()}, 5ms, [&] { ++beats; });
    BOOST_TEST(eventually([&] { return beats > 10; }));
}

BOOST_AUTO_TEST_CASE(a_worker_that_hangs_stops_them_and_one_that_goes_on_lets_them_come_again)
{
    Worker first, second;
    std::atomic<int> beats{0};
    const Watchdog dog({first.watched(), second.watched()}, 5ms, [&] { ++beats; });
    BOOST_TEST(eventually([&] { return beats > 2; }));
    second.block();
    const int before = beats + 1; // of the round that was under way
    std::this_thread::sleep_for(200ms);
    BOOST_TEST(beats <= before);
    second.release();
    BOOST_TEST(eventually([&] { return beats > before + 2; }));
}

BOOST_AUTO_TEST_CASE(one_with_patience_may_be_late_but_not_for_ever)
{
    Worker worker, dashboard;
    std::atomic<int> beats{0};
    const Watchdog dog({worker.watched(), dashboard.watched(1s)}, 10ms, [&] { ++beats; });
    BOOST_TEST(eventually([&] { return beats > 2; }));
    dashboard.block();
    const int before = beats;
    BOOST_TEST(eventually([&] { return beats > before + 10; }));
    int last = -1;
    BOOST_TEST(eventually([&] {
        const bool still = last == beats;
        last = beats;
        std::this_thread::sleep_for(300ms);
        return still && last == beats;
    }));
    dashboard.release();
    BOOST_TEST(eventually([&] { return beats > last + 2; }));
}

BOOST_AUTO_TEST_CASE(it_ends_while_a_worker_hangs)
{
    Worker worker;
    worker.block();
    std::atomic<int> beats{0};
    {
        const Watchdog dog({worker.watched()}, 1ms, [&] { ++beats; });
    }
    worker.release(); // its answer finds nobody
    BOOST_TEST(beats == 0);
}

BOOST_AUTO_TEST_CASE(the_service_manager_says_how_often_and_whom_it_means)
{
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
    BOOST_TEST(!watchdog_interval());
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    BOOST_TEST((watchdog_interval() == 15s));
    ::setenv("WATCHDOG_PID", "1", 1);
    BOOST_TEST(!watchdog_interval());
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    BOOST_TEST((watchdog_interval() == 15s));
    for (const char* none : {"", "0", "-1", "soon", "5s"}) {
        ::setenv("WATCHDOG_USEC", none, 1);
        BOOST_TEST(!watchdog_interval());
    }
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
}

BOOST_AUTO_TEST_SUITE_END()
