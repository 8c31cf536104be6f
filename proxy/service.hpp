#pragma once

#include "proxy/change_pause.hpp"
#include "proxy/dashboard/parts.hpp"
#include "proxy/in_force.hpp"
#include "proxy/lists/subscriptions.hpp"
#include "proxy/predecessor.hpp"
#include "proxy/run_service.hpp"
#include "proxy/server/server.hpp"
#include "proxy/state_directory.hpp"
#include "proxy/tls/interception.hpp"
#include "proxy/upgrade.hpp"
#include "proxy/watchdog.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace paravent {

/// Everything that lives from start to stop, in the order in which it must end.
class Service {
public:
    /// Takes the state directory and the ports; nobody is served yet. @throws std::exception with a sentence
    Service(const RunOptions& options, Predecessor& predecessor);

    void start();
    /// Settings and lists anew; what is wrong leaves the old ones in force. @throws std::exception with a sentence
    void reload();
    /// Whether the state directory could not be written at the start, and is to be tried again.
    bool owes_state() const { return !state_.problem().empty(); }
    void try_state_again();
    /// Until `hurry` says that it takes too long.
    void drain(const std::function<bool(std::chrono::milliseconds)>& hurry);

    /// For a new version of this program (upgrade.hpp).
    Estate estate();
    /// The new version has taken over: when it ends, the next one need not wait for this one.
    void leave_state() noexcept { state_.leave(); }

    /// Its threads, for a watchdog.
    std::vector<Watched> watched();

private:
    void give_up_state();
    void take_state_back();

    void compile_lists();
    void take_fetched_lists();
    void take_retention();
    void warn_of_settings() const;
    bool is_open_to_network() const;
    lists::OwnerSwitch list_switch();
    std::shared_ptr<const server::Snapshot> snapshot() const;

    dashboard::Parts parts();
    dashboard::ServerStatus status() const;
    std::vector<dashboard::ListRow> list_rows() const;
    void restore(const dashboard::Restored& backup);

    const RunOptions options_;
    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::mutex reloading_; ///< whoever puts something in force is alone
    ChangePause change_pause_;
    InForce in_force_;
    StateDirectory state_;
    dashboard::Door door_; ///< read once at the start; after it, on the dashboard's thread alone
    policy::Policy policy_;
    reconcile::Imports imports_;
    statistics::Recorder recorder_;
    net::Resolver resolver_;
    tls::Interception interception_;
    std::vector<server::Listening> listening_;
    const std::shared_ptr<const config::Settings> at_start_ = in_force_.settings(); ///< as the file had them
    std::unique_ptr<server::Server> server_;
    lists::Subscriptions subscriptions_; ///< ends first: it puts lists in force
};

} // namespace paravent
