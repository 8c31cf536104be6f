#pragma once

#include "proxy/signals.hpp"
#include "proxy/successor.hpp"

#include <functional>
#include <string>
#include <vector>

namespace paravent {

/// What a running service has to hand on.
struct Estate {
    std::vector<Handed> sockets;
    int lock = -1; ///< of the state directory
    /// Writes what is pending and gives up writing, while serving goes on; and the way back.
    std::function<void()> give_up_state, take_state_back;
};

enum class Upgraded {
    yes, ///< the new version serves: this process may drain and end
    no,  ///< all is as it was before; why was logged
    stop ///< so it is, but the service is to end
};

/// Starts the program that has the name of this one now, and hands the service over to it. Returns when that is done or
/// has failed, within minutes; the service goes on meanwhile.
Upgraded upgrade(const Invocation& invocation, const Estate& estate, Signals& signals);

} // namespace paravent
