#pragma once

#include "config/settings.hpp"
#include "proxy/steering/redirection.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace paravent::cli {

/// Loads the rules, and keeps them alive until SIGTERM, SIGINT, SIGHUP or `paravent gateway off`; then takes them back.
/// They are in force for a family of addresses only as long as Paravent answers for it. `names`: whose addresses
/// outside Meta's networks are to be found (none where devices were chosen). @throws Failure
int keep_gateway(const config::Settings& settings, const steering::Redirection& redirection,
                 std::vector<std::string> names);

/// The process that keeps the rules of this computer's network alive, where there is one.
std::optional<pid_t> gateway_keeper();
/// Asks it to take them back, and waits until it has. False where there is none. @throws Failure where it will not
bool end_gateway_keeper();

} // namespace paravent::cli
