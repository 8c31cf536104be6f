#include "proxy/desktop/exceptions.hpp"

#include <array>

namespace paravent::desktop {

std::span<const std::string_view> home_networks()
{
    // fd00::/8 is the half of fc00::/7 that is in use (RFC 4193, section 3.1).
    static constexpr std::array<std::string_view, 9> all{
        "127.0.0.0/8",    "::1",           "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
        "169.254.0.0/16", "100.64.0.0/10", "fd00::/8",   "fe80::/10"};
    return all;
}

std::span<const std::string_view> home_suffixes()
{
    static constexpr std::array<std::string_view, 10> all{"localhost", "local",    "lan",         "home",
                                                          "home.arpa", "internal", "localdomain", "intranet",
                                                          "private",   "fritz.box"};
    return all;
}

std::string exceptions_in_a_line()
{
    std::string line = "localhost,fritz.box";
    for (const auto network : home_networks())
        line += "," + std::string(network);
    for (const auto suffix : home_suffixes())
        line += ",." + std::string(suffix);
    return line;
}

} // namespace paravent::desktop
