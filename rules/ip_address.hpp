#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paravent::rules {

/// The URL standard's "ends in a number checker": such a host is an IPv4 address or none at all.
bool ends_in_a_number(std::string_view host) noexcept;

/// Whether a host in normal form is an address.
bool is_address(std::string_view host) noexcept;

/// Dotted decimal, also from 0x7f.1 or 2130706433; `host` is in lower case. Nothing where it is no address.
std::optional<std::string> normal_ipv4(std::string_view host);

/// The shortest form, without brackets (unlike inet_ntop's, mapped addresses are in hexadecimal too).
std::optional<std::string> normal_ipv6(std::string_view host);

} // namespace paravent::rules
