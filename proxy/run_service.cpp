#include "proxy/run_service.hpp"

#include "proxy/log.hpp"
#include "proxy/notify.hpp"
#include "proxy/predecessor.hpp"
#include "proxy/service.hpp"
#include "proxy/signals.hpp"
#include "proxy/upgrade.hpp"
#include "proxy/watchdog.hpp"

#include <chrono>
#include <cstdio>
#include <malloc.h>
#include <memory>
#include <string>
#include <unistd.h>

namespace paravent {
namespace {

void reload_or_say_why(Service& service)
{
    notify("RELOADING=1");
    try {
        service.reload();
    } catch (const std::exception& error) {
        log::error(std::string("the old settings stay in force: ") + error.what());
    }
    notify("READY=1");
}

constexpr std::chrono::seconds try_again_every{10};

/// A disk that was full at the start has room again some day.
int next_signal(Service& service, Signals& signals)
{
    while (service.owes_state()) {
        if (const auto signal = signals.wait_for(try_again_every))
            return *signal;
        service.try_state_again();
    }
    return signals.wait();
}

/// Until a signal says that it is to end, or a new version has taken over: whether that is so.
bool serve(Service& service, const Invocation& invocation, Signals& signals)
{
    for (;;) {
        const int signal = next_signal(service, signals);
        if (ends(signal))
            return false;
        if (signal == SIGHUP) {
            reload_or_say_why(service);
            continue;
        }
        const auto upgraded = upgrade(invocation, service.estate(), signals);
        if (upgraded != Upgraded::no)
            return upgraded == Upgraded::yes;
    }
}

/// Beats while it lives, where the service manager asked for it.
std::unique_ptr<Watchdog> watch(Service& service)
{
    const auto interval = watchdog_interval();
    return interval ? std::make_unique<Watchdog>(service.watched(), *interval, [] { notify("WATCHDOG=1"); }) : nullptr;
}

/// A second signal to end is one to hurry.
void end(Service& service, bool succeeded, Signals& signals)
{
    if (succeeded)
        service.leave_state();
    else
        notify("STOPPING=1");
    log::info("draining");
    service.drain([&](std::chrono::milliseconds most) {
        const auto signal = signals.wait_for(most);
        if (signal && !ends(*signal))
            log::warn("this process is ending: a reload or an upgrade is for the one that runs on");
        return signal && ends(*signal);
    });
}

} // namespace

int run_service(const RunOptions& options)
{
    ::mallopt(M_ARENA_MAX, 2); // one for workers, one for the rest: arenas of their own cost more than they bring
    // Large pieces (rules, texts of lists) go back to the system when they are freed, by whichever thread; without a
    // word malloc would raise this with the first of them and keep the later ones.
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    // Half a megabyte stays: a body of 100 KB is read in half the time where its memory was touched before.
    ::mallopt(M_TRIM_THRESHOLD, 512 * 1024);
    try {
        const Invocation invocation(options.program);
        Predecessor predecessor;
        Signals signals;
        Service service(options, predecessor);
        service.start();
        notify("MAINPID=" + std::to_string(::getpid()) + "\nREADY=1");
        predecessor.succeed();
        auto watchdog = watch(service);
        const bool succeeded = serve(service, invocation, signals);
        if (succeeded)
            watchdog.reset(); // the new version is the one to be watched
        end(service, succeeded, signals);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "paravent: %s\n", error.what());
        return 1;
    }
}

} // namespace paravent
