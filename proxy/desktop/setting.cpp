#include "proxy/desktop/setting.hpp"

namespace paravent::desktop {

std::string address_of(const Target& target)
{
    const bool v6 = target.host.find(':') != std::string::npos;
    return (v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

std::string_view value_at(const Values& values, std::string_view key)
{
    const auto found = values.find(key);
    return found == values.end() || !found->second ? std::string_view{} : *found->second;
}

} // namespace paravent::desktop
