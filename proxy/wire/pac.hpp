#pragma once

#include <span>
#include <string>
#include <string_view>

namespace paravent::wire {

/// A proxy auto-configuration file (Netscape, 1996; every browser and system reads it): hosts of these domains go to
/// `proxy` ("192.168.1.2:8480", "[fd00::2]:8480") and, where nobody answers there, straight out; all others never come
/// near it. No domains: all hosts but the home's own. Empty `proxy`: everything straight out. `others`: proxies in the
/// same form that are asked where `proxy` does not answer, before going straight out.
std::string pac_file(std::string_view proxy, std::span<const std::string> domains,
                     std::span<const std::string> others = {});

} // namespace paravent::wire
