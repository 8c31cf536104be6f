#pragma once

#include <string>

namespace paravent::dashboard {

/// A configuration profile for iOS, iPadOS and macOS (Apple's "Device Management", profile-specific payload keys).
struct Profile {
    std::string certificate; ///< the root, DER; empty: none
    std::string certificate_name;
    std::string ssid; ///< the Wi-Fi in which the proxy is used; empty: none. Its password is asked when it is installed
    std::string pac;  ///< the address of the PAC file
};

/// The same profile each time for the same content, so that a second one replaces the first.
std::string text_of(const Profile& profile);

} // namespace paravent::dashboard
