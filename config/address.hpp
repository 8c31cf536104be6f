#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Addresses and names as people write them, turned into the one form that the program compares.
namespace paravent::config {

/// A numeric IPv4 or IPv6 address in its usual form ("2001:db8::1"). An IPv4 address mapped into IPv6 becomes IPv4,
/// because that is how addresses of clients and destinations are judged. No brackets, no zone.
std::optional<std::string> parse_address(std::string_view text);

/// "192.168.1.0/24", "fd00::/8", or a lone address. A network whose host bits are not zero is none.
std::optional<std::string> parse_network(std::string_view text);

/// The same with the host bits cleared, for a hint to the one who wrote them.
std::optional<std::string> network_around(std::string_view text);

/// "AA:BB:CC:DD:EE:FF" or with dashes, to lower case with colons. Group addresses and zero are no device's.
std::optional<std::string> parse_mac(std::string_view text);

/// A host name in letters, digits, dashes and dots, to lower case without a trailing dot; no address.
std::optional<std::string> parse_host_name(std::string_view text);

} // namespace paravent::config
