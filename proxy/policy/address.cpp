#include "proxy/policy/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace paravent::policy {

std::optional<std::string> normal_address(std::string_view text)
{
    const auto percent = text.find('%');
    const std::string numeric(text.substr(0, percent));
    const std::string_view scope = percent == text.npos ? std::string_view{} : text.substr(percent);
    if (numeric.size() >= INET6_ADDRSTRLEN || scope.size() > 16 || scope == "%")
        return std::nullopt;

    std::array<char, INET6_ADDRSTRLEN> out{};
    in_addr v4{};
    if (inet_pton(AF_INET, numeric.c_str(), &v4) == 1)
        return scope.empty() ? std::optional<std::string>(inet_ntop(AF_INET, &v4, out.data(), out.size()))
                             : std::nullopt;
    in6_addr v6{};
    if (inet_pton(AF_INET6, numeric.c_str(), &v6) != 1)
        return std::nullopt;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
        return std::string(inet_ntop(AF_INET, &v4, out.data(), out.size()));
    }
    return std::string(inet_ntop(AF_INET6, &v6, out.data(), out.size())).append(scope);
}

bool is_loopback(std::string_view address) noexcept
{
    return address.starts_with("127.") || address == "::1";
}

std::optional<std::string> normal_mac(std::string_view text)
{
    if (text.size() != 17)
        return std::nullopt;
    std::string mac(text);
    for (std::size_t i = 0; i < mac.size(); ++i) {
        char& c = mac[i];
        if (i % 3 == 2) {
            if (c != ':' && c != '-')
                return std::nullopt;
            c = ':';
        } else if (c >= 'A' && c <= 'F') {
            c = static_cast<char>(c - 'A' + 'a');
        } else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return std::nullopt;
        }
    }
    return mac;
}

} // namespace paravent::policy
