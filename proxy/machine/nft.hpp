#pragma once

#include "proxy/machine/command.hpp"

#include <string_view>

namespace paravent::machine {

/// What the nft program (package nftables) said.
using NftResult = CommandResult;
/// Gives it commands, all or none of which are done; a signal that ends this process does not keep them from it.
NftResult nft(std::string_view commands);

/// Whether this process may change the rules of its network (CAP_NET_ADMIN).
bool may_change_rules();

} // namespace paravent::machine
