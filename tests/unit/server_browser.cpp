#include "proxy/server/browser.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <string_view>

using paravent::server::is_browser;

namespace {

constexpr std::array<std::string_view, 6> browsers = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1",
    "com.apple.WebKit.Networking/19617.1.17.11.12 CFNetwork/1490.0.4 Darwin/23.2.0",
    "Mozilla/5.0",
};

constexpr std::array<std::string_view, 9> apps = {
    "",
    "okhttp/4.12.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A.240105.004)",
    "curl/7.88.1",
    "Shop/12 CFNetwork/1568.100.1 Darwin/24.0.0",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 "
    "[FBAN/FBIOS;FBAV/490.0.0.36.104;FBBV/1]",
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 357.0.0.25.100",
    "my Mozilla/5.0",
};

} // namespace

BOOST_DATA_TEST_CASE(a_browser_says_so, boost::unit_test::data::make(browsers), user_agent)
{
    BOOST_TEST(is_browser(user_agent));
}

BOOST_DATA_TEST_CASE(an_app_and_what_says_nothing_are_no_browser, boost::unit_test::data::make(apps), user_agent)
{
    BOOST_TEST(!is_browser(user_agent));
}
