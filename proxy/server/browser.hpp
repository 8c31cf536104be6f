#pragma once

#include <string_view>

namespace paravent::server {

/// Whether a CONNECT says that it comes from a browser, by its User-Agent. Android's views inside apps, which accept
/// the authorities that their app does, are none; WebKit's are, since on Apple's devices apps accept what their owner
/// trusts. What says nothing is no browser. An app that claims to be one is taken for one: nothing depends on it but
/// whose certificate it is shown.
bool is_browser(std::string_view user_agent) noexcept;

} // namespace paravent::server
