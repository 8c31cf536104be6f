#pragma once

#include "proxy/cli/place.hpp"

#include <cstdint>
#include <string>
#include <vector>

// The commands that have to do with the network around this computer; as those of options.hpp.
namespace paravent::cli {

struct DnsRecords {
    std::string dialect;
    std::vector<std::string> addresses; ///< this box's: one for IPv4, one for IPv6, or both
};
int dns_records(const Place&, const DnsRecords&);

struct Gateway {
    enum class Action : std::uint8_t { none, show, on, off } action = Action::none;
    std::vector<std::string> devices; ///< ids, names, addresses, networks or MACs; empty: all, to Meta
};
int gateway(const Place&, const Gateway&);

int doctor(const Place&, bool json);

} // namespace paravent::cli
