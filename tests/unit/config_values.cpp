#include "config/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace paravent::config;
using Upstream = decltype(Settings::upstream);

namespace {

struct Proxy {
    std::string url;
    Upstream::Kind kind;
    std::string host;
    std::uint16_t port;
    std::string user, password;
};
std::ostream& operator<<(std::ostream& out, const Proxy& proxy)
{
    return out << proxy.url;
}

const std::vector<Proxy> proxies = {
    {"", Upstream::Kind::none, "", 0, "", ""},
    {"http://proxy.example", Upstream::Kind::http, "proxy.example", 8080, "", ""},
    {"http://Proxy.Example:3128/", Upstream::Kind::http, "proxy.example", 3128, "", ""},
    {"socks5://192.0.2.1", Upstream::Kind::socks5, "192.0.2.1", 1080, "", ""},
    {"socks5://[2001:DB8::1]", Upstream::Kind::socks5, "2001:db8::1", 1080, "", ""},
    {"socks5://[2001:db8::1]:9050", Upstream::Kind::socks5, "2001:db8::1", 9050, "", ""},
    {"http://me:p%40ss%3A%2f@box:80", Upstream::Kind::http, "box", 80, "me", "p@ss:/"},
    {"http://me@box", Upstream::Kind::http, "box", 8080, "me", ""},
    {"socks5://a@b:c@box", Upstream::Kind::socks5, "box", 1080, "a@b", "c"},
};
const std::vector<std::string> bad_proxies = {
    "proxy.example:8080",
    "https://proxy.example",
    "socks5h://secret@box",
    "socks4://box",
    "http://",
    "http://:8080",
    "http://box:0",
    "http://box:65536",
    "http://box:",
    "http://box:8x",
    "http://box/path",
    "http://box?secret",
    "http://bo x",
    "http://[::1",
    "http://::1",
    "http://[box]:80",
    "http://:secret@box",
    "http://me:%zz@box",
    "http://me:%4@box",
    "http://@box",
    "http://me%3asecret:p@box",
    "http://me:%00@box",
    "http://me:%0d%0a@box",
    "http://1.2.3:80",
    "http://box.1",
    "http://me:" + std::string(256, 'x') + "@box",
};

} // namespace

BOOST_DATA_TEST_CASE(a_parent_proxy_is_taken_apart, data::make(proxies), proxy)
{
    const auto read = parse_settings("[upstream]\nproxy = \"" + proxy.url + '"', "a.toml").upstream;
    BOOST_TEST((read.kind == proxy.kind));
    BOOST_TEST(read.host == proxy.host);
    BOOST_TEST(read.port == proxy.port);
    BOOST_TEST(read.user == proxy.user);
    BOOST_TEST(read.password == proxy.password);
}

BOOST_DATA_TEST_CASE(a_wrong_parent_proxy_is_refused_without_showing_its_password, data::make(bad_proxies), url)
{
    BOOST_CHECK_EXCEPTION((void)parse_settings("[upstream]\nproxy = \"" + url + '"', "a.toml"), SettingsError,
                          [](const SettingsError& error) {
                              const std::string_view message = error.what();
                              return message.starts_with("a.toml:2:9: upstream.proxy: ") &&
                                     message.find("secret") == std::string_view::npos;
                          });
}

BOOST_AUTO_TEST_CASE(every_key_is_read)
{
    const Settings read = parse_settings(R"(
[proxy]
listen = ["0.0.0.0:3128", "[::]:3128"]
steered = "192.168.1.2:443"
redirected = ["192.168.1.2:8443"]
clients = ["loopback", "home", "203.0.113.7", "2001:db8::/32"]
ports = 443
private_destinations = ["192.168.1.10", "10.0.0.0/8"]
workers = 3
[dashboard]
listen = ["192.168.1.2:8481", "127.0.0.1:8481"]
names = ["Box.Home.Arpa", "paravent.local"]
[resolver]
servers = ["9.9.9.9", "[2620:fe::fe]:5353"]
hosts = "hosts.txt"
[tls]
trust = "/etc/ssl/home.pem"
remember = "0s"
[policy]
profile = "strict"
[statistics]
path = "/srv/statistics.db"
privacy = "full"
retention = "7d"
flush = "0s"
[log]
level = "debug"
format = "json"
[limits]
connections = 5000
per_client = 500
head = "1s"
connect = "2s"
tls = "3s"
resolve = "4s"
idle = "5m"
tunnel_idle = "1d"
drain = "0s"
)",
                                         "conf/paravent.toml");
    using Endpoints = std::vector<Endpoint>;
    using Texts = std::vector<std::string>;
    using namespace std::chrono_literals;
    BOOST_TEST((read.proxy.listen == Endpoints{{"0.0.0.0", 3128}, {"::", 3128}}));
    BOOST_TEST((read.proxy.steered == Endpoints{{"192.168.1.2", 443}}));
    BOOST_TEST((read.proxy.redirected == Endpoints{{"192.168.1.2", 8443}}));
    BOOST_TEST((read.proxy.clients == Texts{"loopback", "home", "203.0.113.7", "2001:db8::/32"}));
    BOOST_TEST((read.proxy.ports == std::vector<std::uint16_t>{443}));
    BOOST_TEST((read.proxy.private_destinations == Texts{"192.168.1.10", "10.0.0.0/8"}));
    BOOST_TEST(read.proxy.workers == 3U);
    BOOST_TEST((read.dashboard.listen == Endpoints{{"192.168.1.2", 8481}, {"127.0.0.1", 8481}}));
    BOOST_TEST((read.dashboard.names == Texts{"box.home.arpa", "paravent.local"}));
    BOOST_TEST((read.resolver.servers == Endpoints{{"9.9.9.9", 53}, {"2620:fe::fe", 5353}}));
    BOOST_TEST(read.resolver.hosts == "conf/hosts.txt");
    BOOST_TEST(read.tls.trust == "/etc/ssl/home.pem");
    BOOST_TEST((read.tls.remember == 0s));
    BOOST_TEST((read.profile == Profile::strict));
    BOOST_TEST(read.statistics.path == "/srv/statistics.db");
    BOOST_TEST((read.statistics.privacy == Privacy::full));
    BOOST_TEST((read.statistics.retention == 168h && read.statistics.flush == 0s));
    BOOST_TEST((read.log.level == "debug" && read.log.format == "json"));
    BOOST_TEST((read.limits.connections == 5000U && read.limits.per_client == 500U));
    BOOST_TEST((read.limits.head == 1s && read.limits.connect == 2s && read.limits.tls == 3s));
    BOOST_TEST((read.limits.resolve == 4s && read.limits.idle == 5min && read.limits.tunnel_idle == 24h));
    BOOST_TEST((read.limits.drain == 0s));
}
