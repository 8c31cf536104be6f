#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace paravent::machine {

/// An address of this computer.
struct OwnAddress {
    std::string card;    ///< "eth0"
    std::string address; ///< numeric
    unsigned prefix = 0;
};
std::vector<OwnAddress> own_addresses();
std::optional<OwnAddress> own_address(const std::string& address);

/// Another IPv4 address in the same network that nobody here is known to have: neither this computer nor one that it
/// has spoken with. Nothing where the network has none.
std::optional<std::string> address_beside(const OwnAddress& own);

enum class Family : std::uint8_t { v4, v6 };
/// Whether there is a way out to the internet: the network card of the default route, empty where there is none.
std::string way_out(Family family);
/// Whether this computer passes on what is for others.
bool forwards(Family family);
/// Network cards that tell devices to go round this computer where router and device are in one network.
std::vector<std::string> cards_that_send_round();

} // namespace paravent::machine
