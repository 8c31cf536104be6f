#pragma once

#include "proxy/net/address.hpp"

namespace paravent::net {

/// Whether this computer has the address now: its own, its loopback's, or "every one" (0.0.0.0, ::). A socket that
/// listens at an address stays when the address goes, and nobody reaches it until it is back.
bool is_own(const Address& address);

} // namespace paravent::net
