#pragma once

#include "config/settings.hpp"
#include "proxy/lists/lists.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace paravent::lists {

/// The lists that come from an address: asked for by a thread of their own, one at a time, when they are due, through
/// the helper program. What came is kept in STATE/lists and said to be there; whatever goes wrong leaves the text that
/// was there. Calls may come from any thread.
class Subscriptions {
public:
    struct Events {
        std::function<void()> changed; ///< new texts are there to be put in force; may throw std::exception
        std::function<void(const std::string&)> info, warn; ///< sentences for the log
    };

    /// `program` is this program's own path.
    Subscriptions(std::filesystem::path state_directory, const std::filesystem::path& program, Events events);
    /// A transfer that is under way is given up.
    ~Subscriptions();
    Subscriptions(const Subscriptions&) = delete;
    Subscriptions& operator=(const Subscriptions&) = delete;

    /// What is subscribed to from now on. What is kept of a list that is no longer there at all is removed.
    void configure(std::shared_ptr<const config::Settings> settings, const OwnerSwitch& owner_switch);
    void start();
    void stop(); ///< until it is started again; what is on its way is given up
    /// All that are on, at once. `done` is called when each was tried and what came is in force; at once where there
    /// are none, and not at all where the program ends before.
    void update(std::function<void()> done);
    /// Adds to each subscribed list's status when it was asked, and what went wrong.
    void describe(std::vector<ListStatus>& lists) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace paravent::lists
