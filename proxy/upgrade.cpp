#include "proxy/upgrade.hpp"

#include "proxy/log.hpp"

#include <array>
#include <chrono>
#include <poll.h>
#include <string>

namespace paravent {
namespace {

using Clock = std::chrono::steady_clock;

/// To read its settings, and with the state at hand to read that and millions of rules: a Raspberry Pi takes its time.
constexpr auto to_begin = std::chrono::seconds{20};
constexpr auto to_serve = std::chrono::minutes{2};

/// One upgrade, from the start of the new program to the word that it serves.
class Attempt {
public:
    Attempt(const Invocation& invocation, const Estate& estate, Signals& signals)
        : invocation_(invocation), estate_(estate), signals_(signals)
    {
    }

    Upgraded run()
    {
        log::info("starting " + invocation_.program.string() + " anew, to hand over to it");
        if (const auto problem = successor_.start(invocation_, estate_.sockets, estate_.lock); !problem.empty())
            return fail(problem);
        until_ = Clock::now() + to_begin;
        for (;;) {
            const auto word = next();
            if (stop_ && word != Successor::Word::ready) // who is ready may be the service's main process already
                return end_of_all();
            switch (word) {
            case Successor::Word::none:
                if (Clock::now() >= until_)
                    return fail(given_ ? "it did not serve in time" : "it said nothing");
                break;
            case Successor::Word::state:
                estate_.give_up_state();
                given_ = true;
                successor_.give_state();
                until_ = Clock::now() + to_serve;
                break;
            case Successor::Word::ready:
                return succeed();
            case Successor::Word::gone:
                return fail(successor_.ending());
            }
        }
    }

private:
    /// What it says next; none where a signal woke this one, or the time is over. Signals are heeded.
    Successor::Word next()
    {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now());
        std::array<pollfd, 2> waits{pollfd{successor_.channel(), POLLIN, 0}, pollfd{signals_.descriptor(), POLLIN, 0}};
        if (left.count() > 0)
            (void)::poll(waits.data(), waits.size(), static_cast<int>(left.count()) + 1);
        heed_signals();
        return successor_.hear();
    }

    void heed_signals()
    {
        while (const auto signal = signals_.take())
            heed(*signal);
    }

    void heed(int signal)
    {
        if (ends(signal))
            stop_ = true;
        else if (signal == SIGHUP)
            reload_ = true;
        else
            log::warn("an upgrade is under way already: this one is not begun");
    }

    Upgraded succeed()
    {
        log::info("the new version serves (process " + std::to_string(successor_.pid()) +
                  "); this one ends when its connections have");
        heed_signals();
        if (reload_) // it may have read the settings before they were changed
            successor_.signal(SIGHUP);
        if (stop_)
            successor_.signal(SIGTERM);
        successor_.release();
        return Upgraded::yes;
    }

    Upgraded fail(const std::string& why)
    {
        successor_.end();
        if (given_)
            estate_.take_state_back();
        log::error("the new version did not take over, so this one goes on: " + why);
        if (reload_)
            (void)::kill(::getpid(), SIGHUP);
        return Upgraded::no;
    }

    Upgraded end_of_all()
    {
        successor_.end();
        if (given_)
            estate_.take_state_back();
        return Upgraded::stop;
    }

    const Invocation& invocation_;
    const Estate& estate_;
    Signals& signals_;
    Successor successor_;
    Clock::time_point until_{};
    bool given_ = false, stop_ = false, reload_ = false;
};

} // namespace

Upgraded upgrade(const Invocation& invocation, const Estate& estate, Signals& signals)
{
    return Attempt(invocation, estate, signals).run();
}

} // namespace paravent
