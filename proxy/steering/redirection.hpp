#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::steering {

/// How long the rules outlive what keeps them alive.
inline constexpr std::chrono::seconds lifetime{15};

/// Where forwarded connections are handed to Paravent.
struct Redirection {
    /// The first usable address of `[proxy] redirected` for each family; 0.0.0.0 and :: stand for the address of the
    /// network card that a connection came in by.
    std::optional<config::Endpoint> v4, v6;
    /// Whose traffic: IPv4 and IPv6 addresses or networks, and MAC addresses ("aa:bb:cc:dd:ee:ff"); all empty: every
    /// device's, as far as it goes to Meta.
    std::vector<std::string> devices4, devices6, macs;

    bool is_of_chosen_devices() const noexcept { return !devices4.empty() || !devices6.empty() || !macs.empty(); }
};

/// From `[proxy] redirected`. A loopback address is no use: nothing that is forwarded gets there.
/// The sentence where there is no address of use.
struct Unusable {
    std::string sentence;
};
std::optional<Unusable> take_addresses(const std::vector<config::Endpoint>& redirected, Redirection& into);

/// The whole table, in nft's language: packaging/nftables/paravent.nft.in with everything filled in. Loading it
/// replaces what was loaded.
std::string rules(const Redirection& redirection);

enum class Family : std::uint8_t { v4, v6 };
/// The command that says that Paravent listens for these families, for `lifetime` from now.
std::string keep_open(std::span<const Family> families);
/// The command that says that it does not any more.
std::string close(Family family);
/// The command that adds addresses (outside Meta's own networks) at which Meta's names were found, for an hour. Empty
/// for none.
std::string add_found(std::span<const std::string> v4, std::span<const std::string> v6);
std::string_view remove_all() noexcept;

} // namespace paravent::steering
