#pragma once

#include <string>
#include <string_view>

namespace paravent::dashboard {

/// A QR code (ISO 18004) of a short text as an SVG image, dark on white with its quiet zone whatever stands around it.
/// @throws std::runtime_error where the text is too long for one
std::string qr_svg(std::string_view text);

} // namespace paravent::dashboard
