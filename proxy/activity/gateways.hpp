#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::activity {

inline constexpr std::size_t max_signals_config = 512 * 1024; ///< bytes of the script that are read
inline constexpr std::size_t max_gateways = 8;

/// Whether a host could be a gateway: a name that can be looked up in the world, of letters, digits, "-" and "_", and
/// none of Meta's own. A URL's host may hold more, quotes among it.
bool can_be_gateway(std::string_view host);

/// The hosts of the Conversions API Gateways (Meta's word inside: OpenBridge) to which a pixel repeats what its pages
/// tell, by the script that Meta answers for connect.facebook.net/signals/config/<pixel>, inflated. There each part of
/// the pixel is handed its settings, as `config.set("<pixel>", "openbridge",
/// {"endpoints":[{"endpoint":"https://…"}]})`. Normal form, each once, in their order, at most max_gateways.
std::vector<std::string> gateways_in(std::string_view script);

} // namespace paravent::activity
