#pragma once

#include <string_view>

namespace paravent::net {

/// What a redirected port says to a connection of this very computer that came to it by itself, before it closes it:
/// only a live Paravent does.
inline constexpr std::string_view alive = "Paravent is here.\n";

} // namespace paravent::net
