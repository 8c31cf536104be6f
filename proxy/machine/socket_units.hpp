#pragma once

#include "proxy/machine/listening.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::machine {

/// The sockets that systemd holds for Paravent, by the name that they are handed over under ("proxy", "dashboard",
/// "steered", "redirected"): of socket units that are active, whether the service runs or not, for any user to see.
using UnitSockets = std::map<std::string, std::vector<Listening>>;
UnitSockets unit_sockets();

/// The same from what `systemctl show` says of each unit's Id, ActiveState and Listen.
UnitSockets read_unit_sockets(std::string_view text);

} // namespace paravent::machine
