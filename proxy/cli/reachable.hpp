#pragma once

#include <cstdint>
#include <string>

namespace paravent::cli {

/// Whether something accepts connections at this numeric address within a second.
bool is_reachable(const std::string& address, std::uint16_t port);

} // namespace paravent::cli
