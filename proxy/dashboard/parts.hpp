#pragma once

#include "config/settings.hpp"
#include "proxy/dashboard/door.hpp"
#include "proxy/policy/policy.hpp"
#include "proxy/reconcile/imports.hpp"
#include "proxy/statistics/recorder.hpp"
#include "proxy/tls/interception.hpp"
#include "rules/ruleset.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace paravent::dashboard {

/// What the server says of itself.
struct ServerStatus {
    std::string version;
    std::uint64_t uptime_s = 0;
    unsigned workers = 0;
    std::uint64_t open = 0, total = 0, refused = 0, tunnels = 0; ///< connections
    bool clock_before_build = false;
    struct Problem {
        std::string code; ///< a word for programs: "loop", "descriptors"
        std::string text; ///< a sentence for people
    };
    std::vector<Problem> problems;
};

/// A list in force, as GET /lists shows it.
struct ListRow {
    std::string name;
    std::string source; ///< "built in", a path or an address
    std::string category;
    bool enabled = true;
    std::size_t rules = 0, skipped = 0;
    std::map<std::string, std::size_t, std::less<>> skipped_by;
    std::uint64_t hits = 0; ///< counted by the API itself
    std::optional<std::int64_t> updated_ms;
    std::string error; ///< a sentence, empty where all is well
    /// When its source last answered that this is the newest text; subscriptions alone.
    std::optional<std::int64_t> checked_ms = {};
};

/// A backup, checked and taken apart: what is to be put in force at once.
struct Restored {
    std::filesystem::path database; ///< a whole statistics database, to be moved or copied from here
    std::string policy;             ///< the text of policy.json, checked; empty where the backup has none
};

/// What the API reads and changes. Everything here is called on the dashboard's thread and outlives the Api.
struct Parts {
    policy::Policy& policy;
    statistics::Recorder& recorder;
    tls::Interception& interception;
    std::function<ServerStatus()> server;
    std::function<std::vector<ListRow>()> lists;
    std::function<std::shared_ptr<const rules::Ruleset>()> ruleset;
    std::function<std::shared_ptr<const config::Settings>()> settings;
    /// Reads settings and lists anew. @throws std::exception with a sentence; the old ones stay in force then.
    std::function<void()> reload;
    /// The retention that the policy has now comes into force.
    std::function<void()> take_retention;
    /// Asks for all subscribed lists that are on, one after the other; `done` is called once, from another thread, when
    /// each was tried and what is new is in force.
    std::function<void(std::function<void()> done)> fetch_lists;
    /// Puts both in force or neither. @throws std::exception with a sentence
    std::function<void(const Restored&)> restore;
    Door& door;
    std::filesystem::path state_directory; ///< where temporary files may stand and policy.json does
    reconcile::Imports& imports;           ///< Meta's exports
    std::filesystem::path import_program;  ///< what reads them
};

} // namespace paravent::dashboard
