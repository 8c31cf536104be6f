#pragma once

#include <string_view>

namespace paravent::rules {

// Small scripts that stand in for blocked ones (rules/surrogates), built into the program. Each is an expression, a
// function: whoever gives it away calls it, which is how it learns its mode.

/// Meta's fbevents.js. Its argument: the password of those whom it reports to, "" where it reports to nobody.
std::string_view fbevents_js() noexcept;
/// Meta's sdk.js and all.js. It takes no argument.
std::string_view sdk_js() noexcept;

} // namespace paravent::rules
