#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace paravent::machine {

/// A TCP socket of this computer (of this network namespace) that takes connections.
struct Listening {
    std::string address; ///< numeric; "0.0.0.0" and "::" are any
    std::uint16_t port = 0;
    std::uint64_t inode = 0;
    bool operator==(const Listening&) const = default;
};
std::vector<Listening> listening();

/// The short name of the program that has the socket; empty where this user may not know.
std::string program_of(const Listening& socket);

/// The socket that takes connections for this address and port; null where there is none. A socket for any IPv6 address
/// may stand for IPv4 as well, and is taken where no other one is there.
const Listening* taker(const std::vector<Listening>& sockets, const std::string& address, std::uint16_t port);

} // namespace paravent::machine
