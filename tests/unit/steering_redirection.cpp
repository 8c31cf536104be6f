#include "proxy/steering/meta_networks.hpp"
#include "proxy/steering/redirection.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

using namespace paravent::steering;

namespace {

bool says(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

std::vector<paravent::net::Network> networks(const std::vector<std::string>& words)
{
    return paravent::net::outermost(paravent::net::networks(words));
}

/// Of a home, with these settings.
std::optional<Unusable> take_from(const std::vector<paravent::config::Endpoint>& redirected, Redirection& into,
                                  const std::vector<std::uint16_t>& ports = {80, 443},
                                  const std::vector<std::string>& clients = {"home"})
{
    paravent::config::Settings settings;
    settings.proxy.redirected = redirected;
    settings.proxy.ports = ports;
    return take(settings, networks(clients), into);
}

Redirection of(const std::vector<paravent::config::Endpoint>& redirected,
               const std::vector<std::uint16_t>& ports = {80, 443})
{
    Redirection redirection;
    BOOST_TEST(!take_from(redirected, redirection, ports));
    return redirection;
}

} // namespace

BOOST_AUTO_TEST_SUITE(steering_redirection)

BOOST_AUTO_TEST_CASE(the_first_usable_address_of_each_family_is_taken)
{
    const auto both = of({{"127.0.0.1", 1}, {"0.0.0.0", 8443}, {"10.0.0.1", 2}, {"::1", 3}, {"fd00::1", 9443}});
    BOOST_TEST((both.v4 && *both.v4 == paravent::config::Endpoint{"0.0.0.0", 8443}));
    BOOST_TEST((both.v6 && *both.v6 == paravent::config::Endpoint{"fd00::1", 9443}));
    Redirection none;
    BOOST_TEST(says(take_from({}, none)->sentence, "[proxy] redirected is empty"));
    BOOST_TEST(says(take_from({{"127.0.0.1", 8443}, {"::1", 8443}}, none)->sentence, "loopback"));
}

BOOST_AUTO_TEST_CASE(what_the_service_would_cut_is_not_led_to_it)
{
    const auto wrong = [](const std::vector<std::uint16_t>& ports, const std::vector<std::string>& clients) {
        Redirection into;
        const auto unusable = take_from({{"0.0.0.0", 8443}}, into, ports, clients);
        return unusable ? unusable->sentence : std::string{};
    };
    BOOST_TEST(says(wrong({80, 443}, {"loopback"}), "[proxy] clients lets in this computer alone"));
    BOOST_TEST(says(wrong({80, 443}, {"127.0.0.2", "::1"}), "[proxy] clients lets in this computer alone"));
    BOOST_TEST(says(wrong({8080}, {"home"}), "[proxy] ports"));
    BOOST_TEST(wrong({443}, {"loopback", "192.168.1.7"}).empty());

    const auto everywhere = rules(of({{"0.0.0.0", 8443}}));
    BOOST_TEST(says(everywhere, "tcp dport { 80, 443 }"));
    BOOST_TEST(says(everywhere, "udp dport 443"));
    for (const auto* refused : {"198.18.0.0/15", "192.0.0.0/24", "::/96", "fec0::/10"}) // by net::Destinations
        BOOST_TEST(says(everywhere, refused), refused);
    const auto plain_alone = rules(of({{"0.0.0.0", 8443}}, {80, 8080}));
    BOOST_TEST(says(plain_alone, "tcp dport { 80 }"));
    BOOST_TEST(!says(plain_alone, "udp dport 443"));
}

BOOST_AUTO_TEST_CASE(who_may_come_stands_in_a_set_of_each_family)
{
    const auto clients = networks({"10.9.0.0/16", "10.9.1.0/24", "fd09::/64"});
    BOOST_TEST(let_in(clients) == "flush set inet paravent clients4\n"
                                  "add element inet paravent clients4 { 10.9.0.0/16 }\n"
                                  "flush set inet paravent clients6\n"
                                  "add element inet paravent clients6 { fd09::/64 }\n");
    BOOST_TEST(let_in({}) == "flush set inet paravent clients4\nflush set inet paravent clients6\n");
}

BOOST_AUTO_TEST_CASE(nothing_of_the_template_is_left_open)
{
    auto redirection = of({{"0.0.0.0", 8443}, {"::", 8443}});
    const auto everybody = rules(redirection);
    redirection.macs = {"02:00:00:00:00:01"};
    for (const auto& text : {everybody, rules(redirection)})
        for (const auto* place :
             {"@WHOM@", "@PORTS@", "@LIFETIME@", "@SETS@", "@QUIC@", "@WHICH_TCP@", "@TO_PARAVENT@", "@WHICH_QUIC@"})
            BOOST_TEST(!says(text, place), place);
    BOOST_TEST(says(everybody, "157.240.0.0/16"));
    BOOST_TEST(says(everybody, "timeout 15s"));
}

BOOST_AUTO_TEST_CASE(chosen_devices_stand_in_the_place_of_metas_networks)
{
    auto redirection = of({{"0.0.0.0", 8443}});
    redirection.devices4 = {"10.0.0.7"};
    redirection.macs = {"02:00:00:00:00:01"};
    const auto text = rules(redirection);
    BOOST_TEST(says(text, "ip saddr @chosen4 goto to_paravent"));
    BOOST_TEST(says(text, "ether saddr @chosen_macs goto refused"));
    BOOST_TEST(!says(text, "@meta4"));
    BOOST_TEST(!says(text, "chosen6"));
}

BOOST_AUTO_TEST_CASE(an_address_of_ones_own_is_named_and_any_address_is_the_cards)
{
    BOOST_TEST(
        says(rules(of({{"0.0.0.0", 8443}})), "meta nfproto ipv4 meta l4proto tcp counter name led4 redirect to :8443"));
    BOOST_TEST(says(rules(of({{"10.0.0.1", 8443}})), "dnat ip to 10.0.0.1:8443"));
    BOOST_TEST(says(rules(of({{"fd00::1", 8443}})), "dnat ip6 to [fd00::1]:8443"));
    BOOST_TEST(!says(rules(of({{"0.0.0.0", 8443}})), "nfproto ipv6 meta"));
}

BOOST_AUTO_TEST_CASE(what_comes_is_counted_behind_every_other_table)
{
    const auto text = rules(of({{"0.0.0.0", 8443}, {"fd00::1", 9443}}));
    BOOST_TEST(says(text, "hook input priority 1000"));
    BOOST_TEST(says(text, "meta nfproto ipv4 tcp dport 8443 ct status dnat ct state new counter name came4"));
    BOOST_TEST(says(text, "meta nfproto ipv6 tcp dport 9443 ct status dnat ct state new counter name came6"));
}

BOOST_AUTO_TEST_CASE(a_device_is_led_in_the_families_it_is_known_by)
{
    auto redirection = of({{"0.0.0.0", 8443}, {"::", 8443}});
    BOOST_TEST(redirection.leads(Family::v4));
    BOOST_TEST(redirection.leads(Family::v6));
    redirection.devices4 = {"10.0.0.7"};
    BOOST_TEST(redirection.leads(Family::v4));
    BOOST_TEST(!redirection.leads(Family::v6));
    redirection.macs = {"02:00:00:00:00:01"};
    BOOST_TEST(redirection.leads(Family::v6));
    redirection.v6.reset();
    BOOST_TEST(!redirection.leads(Family::v6));
}

BOOST_AUTO_TEST_CASE(renewing_is_one_piece_and_nothing_is_renewed_for_nobody)
{
    const std::array families{Family::v4, Family::v6};
    BOOST_TEST(keep_open(families) == "add element inet paravent open { ipv4 timeout 15s, ipv6 timeout 15s }\n"
                                      "delete element inet paravent open { ipv4, ipv6 }\n"
                                      "add element inet paravent open { ipv4 timeout 15s, ipv6 timeout 15s }\n");
    BOOST_TEST(keep_open({}).empty());
    BOOST_TEST(add_found({}, {}).empty());
    const std::array<std::string, 1> one{"198.51.100.1"};
    BOOST_TEST(says(add_found(one, {}), "found4 { 198.51.100.1 timeout 1h }"));
}

BOOST_AUTO_TEST_SUITE_END()
