#include "proxy/server/way.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace paravent;

namespace {

config::Settings by(decltype(config::Settings::upstream.kind) kind, std::string host, std::uint16_t port,
                    std::string user = {})
{
    config::Settings settings;
    settings.upstream.kind = kind;
    settings.upstream.host = std::move(host);
    settings.upstream.port = port;
    settings.upstream.user = std::move(user);
    return settings;
}

using Kind = decltype(config::Settings::upstream.kind);

} // namespace

BOOST_AUTO_TEST_CASE(each_way_to_a_destination_has_a_key_of_its_own)
{
    std::set<std::string> keys;
    for (const auto& settings :
         {by(Kind::none, "", 0), by(Kind::http, "parent.example", 3128), by(Kind::http, "parent.example", 3129),
          by(Kind::http, "other.example", 3128), by(Kind::socks5, "parent.example", 3128),
          by(Kind::socks5, "parent.example", 3128, "alice"), by(Kind::socks5, "parent.example", 1080)})
        BOOST_TEST(keys.insert(server::key_of_way(settings, "shop.example", 80)).second);
}

BOOST_AUTO_TEST_CASE(a_parent_for_http_is_one_way_to_every_host_and_others_are_not)
{
    const auto http = by(Kind::http, "parent.example", 3128);
    BOOST_TEST(server::key_of_way(http, "a.example", 80) == server::key_of_way(http, "b.example", 8080));
    for (const auto& settings : {by(Kind::none, "", 0), by(Kind::socks5, "parent.example", 1080)}) {
        BOOST_TEST(server::key_of_way(settings, "a.example", 80) != server::key_of_way(settings, "b.example", 80));
        BOOST_TEST(server::key_of_way(settings, "a.example", 80) != server::key_of_way(settings, "a.example", 8080));
    }
}
