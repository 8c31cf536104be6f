#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::activity {

inline constexpr std::size_t max_signals_config = 512 * 1024; ///< bytes of the script that are read
inline constexpr std::size_t max_gateways = 8;

/// The hosts of the Conversions API Gateways (Meta's word inside: OpenBridge) to which a pixel repeats what its pages
/// tell, by the script that Meta answers for connect.facebook.net/signals/config/<pixel>, inflated. There each part of
/// the pixel is handed its settings, as `config.set("<pixel>", "openbridge",
/// {"endpoints":[{"endpoint":"https://…"}]})`. Normal form, each once, in their order, at most max_gateways; real names
/// alone, and none of Meta's own.
std::vector<std::string> gateways_in(std::string_view script);

} // namespace paravent::activity
