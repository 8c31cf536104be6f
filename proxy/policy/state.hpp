#pragma once

#include "proxy/policy/devices.hpp"
#include "proxy/policy/exceptions.hpp"
#include "proxy/policy/mine_file.hpp"
#include "proxy/policy/neighbours.hpp"
#include "proxy/policy/policy.hpp"
#include "proxy/policy/state_file.hpp"
#include "proxy/policy/state_json.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

namespace paravent::policy {

/// Milliseconds since 1970, as the whole program counts.
std::int64_t now_ms() noexcept;

/// The policy at one moment: addresses that were looked up -> their clients.
class Snapshot final : public View {
public:
    std::shared_ptr<const Client> client(std::string_view address) const override;

    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, std::shared_ptr<const Client>, Hash, std::equal_to<>> clients;
    std::shared_ptr<const Client> this_computer; ///< all of 127.0.0.0/8 and ::1; null until met
};

struct Policy::State {
    State(const std::filesystem::path& directory, std::unique_ptr<Neighbours> table);

    std::unique_ptr<Neighbours> neighbours;
    const StateFile file;
    std::mutex saving; ///< taken before `mutex`: one save at a time
    const MineFile mine_file;
    std::mutex mine_changing; ///< taken before `mutex`: one change of `mine` at a time

    mutable std::mutex mutex; ///< over everything below, but what is said to be otherwise
    HomeAnswers answers;      ///< the owner's, about the home
    Home file_home;           ///< what the file says of it
    Home home;                ///< what is in force
    std::vector<config::Device> entries;
    Devices devices;
    Exceptions exceptions;
    ListSwitches lists;
    Subscriptions subscriptions;
    std::shared_ptr<const activity::Mine> mine; ///< null: nothing
    std::shared_ptr<const Sites> sites = std::make_shared<Sites>();
    std::shared_ptr<const Snapshot> view;
    std::atomic<std::uint64_t> version{1}; ///< also without the mutex
    bool writes = true;                    ///< false: the file is another program's, and is left alone
    bool dirty = false;                    ///< something is not saved yet
    bool active = false;                   ///< someone was seen since the neighbours were looked at
    std::string file_problem, save_problem, mine_problem;
    std::condition_variable_any wake;
    std::jthread keeper; ///< saves, and looks at the neighbours again

    // Each of these is called with the mutex held.
    void take(const config::Settings& settings);
    void adopt(Kept kept); ///< into devices that are empty
    Home home_in_force(std::int64_t now) const;
    void rebuild();     ///< the View anew; clients that were reset are made anew
    void rebuild_all(); ///< and all of them, after exceptions or the home changed
    Record& find(std::string_view id_name_or_address, const std::string& address, const std::string& mac);
    PolicyError nobody(std::string_view called) const;
    void put_site(std::string_view domain, Site site);
    void save_soon();
    void stir();

    // These without it.
    void load();        ///< before there are threads
    std::string save(); ///< returns why it failed
    void put_mine(std::shared_ptr<const activity::Mine> next);
    void save_now(); ///< a failure is kept for problem(): the change holds until the program ends
    void keep(Policy& policy, const std::stop_token& stop);
};

} // namespace paravent::policy
