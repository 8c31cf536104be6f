#pragma once

#include "proxy/steering/redirection.hpp"

#include <string>
#include <vector>

namespace paravent::cli {

/// What becomes of what the loaded rules lead to Paravent: `gateway show` and `doctor` say the same of it.
struct Standing {
    std::vector<config::Endpoint> open;   ///< led there at this moment, as far as this user may see
    std::vector<config::Endpoint> silent; ///< Paravent does not answer there
    std::vector<config::Endpoint> lost;   ///< it does, and another firewall drops what is led there
};
/// Asks the ports and the kernel: a second, or three where a firewall is only guessed at.
Standing standing_of(const steering::Redirection& redirection);

/// Whether any of what is loaded is led to Paravent at this moment, whoever keeps it alive.
bool is_any_open();
/// "without effect", with the time where that is still to come: for rules that nobody keeps alive.
std::string without_effect();

/// "what was led to 0.0.0.0:8443 and [::]:8443 did not come there …: another firewall on this computer drops it"
std::string sentence_of_lost(const std::vector<config::Endpoint>& endpoints);
/// "Paravent does not answer on 0.0.0.0:8443"
std::string sentence_of_silent(const std::vector<config::Endpoint>& endpoints);
/// How the port of these, the same or two, is let in.
std::string let_in(const std::vector<config::Endpoint>& endpoints);

} // namespace paravent::cli
