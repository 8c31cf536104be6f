#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paravent::activity {

/// Text from a page made safe to keep and to show in a browser or a terminal: valid UTF-8 (what is not becomes U+FFFD),
/// without control characters, marks that turn the direction of writing, and invisible tags; at most `limit` bytes,
/// cut between code points. Blanks at both ends go.
std::string clean_text(std::string_view text, std::size_t limit);

/// Whether bytes are text: UTF-8, and of control characters tabs and line ends alone. What is packed is not.
bool is_text(std::string_view bytes) noexcept;

/// Without the blanks at both ends, line ends among them.
std::string_view trimmed(std::string_view text) noexcept;

/// Digits only, 1 to 32 of them (ids of pixels, data sets and apps).
bool is_account(std::string_view text) noexcept;

/// A number as Meta's fields carry it: "59", "59.90", "1e3", blanks at both ends. Nothing for other text, infinities
/// and NaN.
bool read_number(std::string_view text, double& out) noexcept;

} // namespace paravent::activity
