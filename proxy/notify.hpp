#pragma once

#include <string_view>

namespace paravent {

/// Tells the service manager (sd_notify(3)): "READY=1", "STOPPING=1", … Does nothing where there is none.
/// The protocol is one datagram; libsystemd would bring four compression libraries into every start.
void notify(std::string_view state) noexcept;

} // namespace paravent
