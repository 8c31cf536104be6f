#pragma once

#include <span>
#include <string>
#include <string_view>

namespace paravent::wire {

/// A proxy auto-configuration file (Netscape, 1996; every browser and system reads it): hosts of these domains go to
/// `proxy` ("192.168.1.2:8480", "[fd00::2]:8480") and, where nobody answers there, straight out; all others never come
/// near it. Empty `proxy`: everything straight out. `others`: proxies in the same form that are asked where `proxy`
/// does not answer, before going straight out.
std::string pac_file(std::string_view proxy, std::span<const std::string> domains,
                     std::span<const std::string> others = {});

/// The same for all hosts but the home's (its router, its printer): names without a dot or with one of these endings
/// ("lan"), and private addresses. Of those the box's own `names` alone go to the proxy.
std::string pac_file_for_all(std::string_view proxy, std::span<const std::string> names,
                             std::span<const std::string_view> home_suffixes, std::span<const std::string> others = {});

} // namespace paravent::wire
