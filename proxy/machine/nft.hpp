#pragma once

#include <string>
#include <string_view>

namespace paravent::machine {

/// What the nft program (package nftables) said.
struct NftResult {
    enum class State { done, refused, missing } state = State::missing;
    std::string text; ///< its output; what it complained of where it refused
};
/// Gives it commands, all or none of which are done.
NftResult nft(std::string_view commands);

/// Whether this process may change the rules of its network (CAP_NET_ADMIN).
bool may_change_rules();

} // namespace paravent::machine
