#pragma once

#include "proxy/net/address.hpp"

#include <vector>

namespace paravent::net {

/// The global IPv6 networks that this computer's own cards are in. A home's devices speak to the world from there (RFC
/// 6724), with a prefix that the provider gives and may change. Never of IPv4: what shares a public IPv4 network with
/// this computer are its provider's other customers.
std::vector<Network> on_link();

/// Whether an address is in one of them, as of a few seconds ago at most. From any thread.
bool is_on_link(const Address& unmapped_address);

} // namespace paravent::net
