#pragma once

#include <span>
#include <string>
#include <string_view>

namespace paravent::desktop {

/// What a proxy that is set by its address is not asked for: this computer and the home, which Paravent refuses to lead
/// to (net/destinations). Networks, in CIDR, and names.
std::span<const std::string_view> home_networks();
/// The endings of the home's names, without a dot before them ("local"), as net/local_names knows them.
std::span<const std::string_view> home_suffixes();

/// Networks and ".local" in one line, with commas: what no_proxy, and KDE's NoProxyFor, hold.
std::string exceptions_in_a_line();

} // namespace paravent::desktop
