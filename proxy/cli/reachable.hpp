#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace paravent::cli {

/// Whether something accepts connections at this numeric address within a second.
bool is_reachable(const std::string& address, std::uint16_t port);

/// Where a program of this computer reaches what listens there: "any address" is reached through loopback.
config::Endpoint from_here(config::Endpoint listening);
/// Where it reaches the service that listens at all of these: loopback before all others. There must be one.
config::Endpoint nearest(const std::vector<config::Endpoint>& listening);

} // namespace paravent::cli
