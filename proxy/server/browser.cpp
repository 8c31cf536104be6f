#include "proxy/server/browser.hpp"

#include <algorithm>
#include <array>

namespace paravent::server {

bool is_browser(std::string_view user_agent) noexcept
{
    // Safari's connections are opened by WebKit's networking process, which names itself.
    constexpr std::array<std::string_view, 3> browsers = {"Mozilla/", "com.apple.WebKit.Networking/", "Safari/"};
    // Views inside apps: Android's, and Meta's own apps'.
    constexpr std::array<std::string_view, 4> apps = {"; wv)", "FBAN/", "FBAV/", "Instagram "};
    return std::ranges::any_of(browsers, [&](auto name) { return user_agent.starts_with(name); }) &&
           std::ranges::none_of(apps, [&](auto name) { return user_agent.find(name) != std::string_view::npos; });
}

} // namespace paravent::server
