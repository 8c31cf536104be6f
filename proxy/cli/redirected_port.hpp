#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace paravent::cli {

enum class Answer : std::uint8_t {
    ours,   ///< a live Paravent
    none,   ///< somebody holds the port, and says nothing, or something else: systemd, or a process that hangs
    nobody, ///< nobody holds the port
};

/// Asks all of these redirected ports at once, for a second at most. A socket that somebody listens on proves nothing.
/// The service counts no client for it.
std::vector<Answer> ask_redirected(std::span<const config::Endpoint> endpoints);

} // namespace paravent::cli
