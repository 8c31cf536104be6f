#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace paravent::server {

/// What a client's port takes.
enum class Role : std::uint8_t {
    proxy,      ///< explicit traffic: HTTP proxy and SOCKS5
    dashboard,  ///< the dashboard's own port
    steered,    ///< TLS and HTTP that DNS records led here: the name says where to
    redirected, ///< TLS and HTTP that the firewall led here: the original address says where to
};

/// As in LISTEN_FDNAMES (FileDescriptorName= of a socket unit).
constexpr std::string_view name_of(Role role) noexcept
{
    constexpr std::string_view names[] = {"proxy", "dashboard", "steered", "redirected"};
    return names[static_cast<std::size_t>(role)];
}
constexpr std::optional<Role> role_named(std::string_view name) noexcept
{
    for (const auto role : {Role::proxy, Role::dashboard, Role::steered, Role::redirected})
        if (name == name_of(role))
            return role;
    return std::nullopt;
}

} // namespace paravent::server
