#pragma once

#include "config/settings.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace paravent::cli {

/// Public addresses outside Meta's own networks.
struct FoundAddresses {
    std::vector<std::string> v4, v6;
};

/// Asks `[resolver] servers` every five minutes, on a thread of its own, where names of Meta's lead: some are served by
/// machines that stand in other networks.
class MetaAddresses {
public:
    MetaAddresses(const config::Settings& settings, std::vector<std::string> names);
    ~MetaAddresses();
    MetaAddresses(const MetaAddresses&) = delete;
    MetaAddresses& operator=(const MetaAddresses&) = delete;

    /// What was found since the last call.
    std::optional<FoundAddresses> fresh();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace paravent::cli
