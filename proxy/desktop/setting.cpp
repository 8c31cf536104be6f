#include "proxy/desktop/setting.hpp"

namespace paravent::desktop {

std::string address_of(const Target& target)
{
    const bool v6 = target.host.find(':') != std::string::npos;
    return (v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

std::string place_in(std::string_view address)
{
    if (const auto scheme = address.find("://"); scheme != std::string_view::npos)
        address.remove_prefix(scheme + 3);
    std::string place(address.substr(0, address.find_first_of("/?#")));
    if (const auto space = place.find(' '); space != std::string::npos)
        place[space] = ':';
    constexpr std::string_view own = "localhost:";
    return place.starts_with(own) ? "127.0.0.1:" + place.substr(own.size()) : place;
}

std::string_view value_at(const Values& values, std::string_view key)
{
    const auto found = values.find(key);
    return found == values.end() || !found->second ? std::string_view{} : *found->second;
}

} // namespace paravent::desktop
