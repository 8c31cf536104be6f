#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paravent::policy {

/// A numeric address in its shortest form, ::ffff:0:0/96 as the IPv4 address that it holds; a scope ("%eth0") stays.
/// Nothing where it is no address.
std::optional<std::string> normal_address(std::string_view text);

/// 127.0.0.0/8 and ::1, in normal form.
bool is_loopback(std::string_view address) noexcept;

/// A MAC address as "aa:bb:cc:dd:ee:ff", also from dashes and capitals. Nothing where it is none.
std::optional<std::string> normal_mac(std::string_view text);

} // namespace paravent::policy
