#pragma once

#include "proxy/server/connection.hpp"

#include <string_view>

namespace paravent::server {

/// A connection that was meant for somebody else and was led here, by DNS records (steered) or by the firewall
/// (redirected), from its first bytes (in `connection.in`) to its end.
///
/// Steered: the name that it sends says where it goes; exact names of ours alone, any other or none is closed
/// undialled, else anybody could use this port as a way to anywhere. The box's own names are served here as well.
/// Redirected: it goes where it was going; the name serves the verdict, and whatever is not understood goes on as it
/// is.
net::awaitable<void> serve_transparent(Connection& connection);

/// Whether a steered client may ask for a host (normal form) in plain http.
bool may_be_asked(const Snapshot& snapshot, std::string_view host);

} // namespace paravent::server
