#pragma once

#include "config/settings.hpp"
#include "proxy/net/address.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::steering {

/// How long the rules outlive what keeps them alive.
inline constexpr std::chrono::seconds lifetime{15};

enum class Family : std::uint8_t { v4, v6 };

/// Where forwarded connections are handed to Paravent.
struct Redirection {
    /// The first usable address of `[proxy] redirected` for each family; 0.0.0.0 and :: stand for the address of the
    /// network card that a connection came in by.
    std::optional<config::Endpoint> v4, v6;
    std::vector<std::uint16_t> ports;  ///< which of 80 and 443 are among `[proxy] ports`
    std::vector<net::Network> clients; ///< whom Paravent lets in; everybody else goes their own way
    /// Whose traffic: IPv4 and IPv6 addresses or networks, and MAC addresses ("aa:bb:cc:dd:ee:ff"); all empty: every
    /// device's, as far as it goes to Meta.
    std::vector<std::string> devices4, devices6, macs;

    bool is_of_chosen_devices() const noexcept { return !devices4.empty() || !devices6.empty() || !macs.empty(); }
    /// Whether anything of that family is led anywhere.
    bool leads(Family family) const noexcept
    {
        const bool known = !(family == Family::v4 ? devices4 : devices6).empty() || !macs.empty();
        return (family == Family::v4 ? v4 : v6).has_value() && (known || !is_of_chosen_devices());
    }
};

/// Why Paravent would take nothing that is led to it.
struct Unusable {
    std::string sentence, way_out;
};
/// From `[proxy] redirected`, `ports` and `clients`; the last as they are at this moment, none in another one. A
/// loopback address is no use: nothing that is forwarded gets there.
std::optional<Unusable> take(const config::Settings& settings, std::vector<net::Network> clients, Redirection& into);

/// The whole table, in nft's language: packaging/nftables/paravent.nft.in with everything filled in. Loading it
/// replaces what was loaded.
std::string rules(const Redirection& redirection);

/// The command that says that Paravent listens for these families, for `lifetime` from now.
std::string keep_open(std::span<const Family> families);
/// The command that says that it does not any more.
std::string close(Family family);
/// The commands that say anew whom Paravent lets in.
std::string let_in(std::span<const net::Network> clients);
/// The command that adds addresses (outside Meta's own networks) at which Meta's names were found, for an hour. Empty
/// for none.
std::string add_found(std::span<const std::string> v4, std::span<const std::string> v6);
std::string_view remove_all() noexcept;

} // namespace paravent::steering
