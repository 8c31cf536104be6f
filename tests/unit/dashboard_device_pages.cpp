// What a device without login may ask, and what it fetches to find the box: tables D4 and D10.
#include "tests/unit/dashboard_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <ctime>

using namespace paravent;

namespace {

std::string field(const server::LocalReply& reply, std::string_view name)
{
    for (const auto& [key, value] : reply.fields)
        if (key == name)
            return value;
    return {};
}

/// A phone in the network that found the box by its address.
struct Network : Desk {
    Network()
    {
        auto open = std::make_shared<config::Settings>(*settings);
        open->proxy.listen = {{"0.0.0.0", 8480}};
        open->proxy.clients = {"home"};
        open->dashboard.listen = {{"0.0.0.0", 8481}};
        settings = open;
    }

    server::LocalReply phone(const std::string& method, const std::string& target, bool secure = false,
                             const std::string& body = {}, const std::string& client = "192.168.1.20")
    {
        auto asked = request(method, target);
        asked.host = asked.own_address = "192.168.1.2";
        asked.client = client;
        asked.loopback = false;
        asked.secure = secure;
        asked.body = body;
        return api->answers(asked);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(device_pages)

BOOST_FIXTURE_TEST_CASE(plain_http_from_the_network_serves_what_is_needed_to_get_further_and_leads_on_from_the_rest,
                        Network)
{
    for (const auto* path : {"/setup", "/proxy.pac", "/wpad.dat", "/healthz"})
        BOOST_TEST(phone("GET", path).status == 200u, path);
    BOOST_TEST(phone("GET", "/authority.crt").status == 404u); // there is none yet
    for (const auto* path : {"/", "/api/v1/self", "/api/v1/events", "/metrics", "/qr.svg?text=x", "/nothing"}) {
        const auto reply = phone("GET", path);
        BOOST_TEST(reply.status == 307u, path);
        BOOST_TEST(field(reply, "Location") == std::string("https://192.168.1.2:8481") + path);
    }
}

BOOST_FIXTURE_TEST_CASE(the_pac_file_sends_metas_hosts_here_and_everything_else_straight_out, Network)
{
    const auto reply = phone("GET", "/proxy.pac");
    BOOST_TEST(field(reply, "Content-Type") == "application/x-ns-proxy-autoconfig");
    BOOST_TEST(reply.body.find("\"PROXY 192.168.1.2:8480; DIRECT\"") != std::string::npos);
    for (const auto* domain : {"\"facebook.com\"", "\"connect.facebook.net\"", "\"atdmt.com\"", "\"paravent.local\""})
        BOOST_TEST(reply.body.find(domain) != std::string::npos, domain);
    BOOST_TEST(reply.body.find("graph.facebook.com") == std::string::npos); // facebook.com covers it
    BOOST_TEST(phone("GET", "/proxy.pac?all").body.find("facebook.com") == std::string::npos);
    BOOST_TEST(phone("GET", "/proxy.pac?some").status == 400u);
    const auto both = phone("GET", "/proxy.pac?also=192.168.1.3:8480,[fd00::3]:8480").body;
    BOOST_TEST(both.find("PROXY 192.168.1.2:8480; PROXY 192.168.1.3:8480; PROXY [fd00::3]:8480; DIRECT") !=
               std::string::npos);
    BOOST_TEST(both.find("facebook.com") != std::string::npos);
    BOOST_TEST(phone("GET", "/proxy.pac?all&also=192.168.1.3:8480").body.find("facebook.com") == std::string::npos);
    for (const auto* also : {"192.168.1.3", "box:8480", "8.8.8.8:8480", "127.0.0.1:8480", "192.168.1.3:0",
                             "192.168.1.3:8480,", ",192.168.1.3:8480", "192.168.1.3:8480;DIRECT", "192.168.1.3:8480%22",
                             "10.0.0.1:1,10.0.0.2:1,10.0.0.3:1,10.0.0.4:1,10.0.0.5:1"})
        BOOST_TEST(phone("GET", std::string("/proxy.pac?also=") + also).status == 400u, also);
    // Who may not use the proxy is not sent there.
    BOOST_TEST(phone("GET", "/proxy.pac", false, {}, "8.8.8.8").body.find("PROXY") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_profile_holds_the_certificate_and_the_wifi_that_was_named, Network)
{
    BOOST_TEST(phone("GET", "/paravent.mobileconfig").status == 404u);
    interception->create(settings->dashboard.names, std::time(nullptr), {});
    auto text = phone("GET", "/paravent.mobileconfig").body;
    BOOST_TEST(text.find("com.apple.security.root") != std::string::npos);
    BOOST_TEST(text.find("com.apple.wifi.managed") == std::string::npos);
    text = phone("GET", "/paravent.mobileconfig?ssid=Caf%C3%A9%20%3C%26%3E").body;
    BOOST_TEST(text.find("<string>Caf\u00e9 &lt;&amp;&gt;</string>") != std::string::npos);
    BOOST_TEST(text.find("<string>http://192.168.1.2:8481/proxy.pac</string>") != std::string::npos);
    BOOST_TEST(phone("GET", "/paravent.mobileconfig?ssid=Caf%C3%A9%20%3C%26%3E").body == text); // replaces itself
    BOOST_TEST(field(phone("GET", "/authority.crt"), "Content-Type") == "application/x-x509-ca-cert");
}

BOOST_FIXTURE_TEST_CASE(a_device_sees_its_own_events_alone, Network)
{
    const auto mine = policy->meet("192.168.1.20")->device.id;
    const auto others = policy->meet("192.168.1.21")->device.id;
    record("Purchase", "shop.example", mine);
    record("Lead", "bank.example", others);
    const auto seen = phone("GET", "/api/v1/self/events", true).body;
    BOOST_TEST(seen.find("shop.example") != std::string::npos);
    BOOST_TEST(seen.find("bank.example") == std::string::npos);
    BOOST_TEST(phone("GET", "/api/v1/self/events?device=" + others, true).status == 400u);
    for (const auto* path :
         {"/api/v1/events", "/api/v1/devices", "/api/v1/today", "/api/v1/checklist", "/api/v1/tokens"})
        BOOST_TEST(phone("GET", path, true).status == 401u, path);
    const auto self = boost::json::parse(phone("GET", "/api/v1/self", true).body);
    BOOST_TEST(self.at("device").at("id").as_string() == mine);
    BOOST_TEST(self.at("proxy").as_string() == "192.168.1.2:8480");
    BOOST_TEST(Desk().get("/api/v1/self").at("elsewhere").is_null()); // this computer's alone
    Desk named;
    named.settings->dashboard.listen = {{"127.0.0.1", 8481}, {"192.168.1.9", 8481}};
    BOOST_TEST(named.get("/api/v1/self").at("elsewhere").as_string() == "http://192.168.1.9:8481");
    BOOST_TEST(named.ask("GET", "/qr.svg?text=http://192.168.1.9:8481/setup").status == 200u);
    BOOST_TEST(self.at("pac").as_string() == "http://192.168.1.2:8481/proxy.pac");
}

BOOST_FIXTURE_TEST_CASE(a_device_makes_an_exception_for_itself_only_where_the_owner_lets_it, Network)
{
    const std::string body = R"({"site": "shop.example"})";
    BOOST_TEST(phone("POST", "/api/v1/self/exceptions", true, body).status == 403u);
    BOOST_TEST(ask("PATCH", "/api/v1/settings", R"({"guests_may_ask": true})").status == 200u);
    const auto made = phone("POST", "/api/v1/self/exceptions", true, body);
    BOOST_TEST(made.status == 201u);
    const auto exception = boost::json::parse(made.body);
    BOOST_TEST(exception.at("device").as_string() == policy->meet("192.168.1.20")->device.id);
    BOOST_TEST(exception.at("verdict").as_string() == "allow");
    BOOST_TEST(exception.at("until").is_string());
    for (const auto* wrong : {R"({"site": "shop.example", "device": "aaaa"})", R"({"site": ""})", R"({"site": 1})",
                              R"({"site": "a b"})", "{}"})
        BOOST_TEST(phone("POST", "/api/v1/self/exceptions", true, wrong).status == 400u, wrong);
    for (int n = 0; n < 20; ++n)
        phone("POST", "/api/v1/self/exceptions", true, R"({"site": "s)" + std::to_string(n) + ".example\"}");
    BOOST_TEST(policy->exceptions().size() == 10u);
}

BOOST_FIXTURE_TEST_CASE(a_qr_code_is_made_of_our_own_addresses_alone, Network)
{
    for (const auto* ours :
         {"http://192.168.1.2:8481/setup", "https://paravent.local/", "http://paravent.local/setup"}) {
        const auto reply = phone("GET", std::string("/qr.svg?text=") + ours, true);
        BOOST_TEST(reply.status == 200u, ours);
        BOOST_TEST(reply.body.find("<svg ") == 0u);
    }
    for (const auto* other : {"", "http://evil.example/", "javascript:alert(1)", "http://paravent.local.evil.example/",
                              "http://paravent.local@evil.example/"})
        BOOST_TEST(phone("GET", std::string("/qr.svg?text=") + other, true).status == 400u, other);
}

BOOST_AUTO_TEST_SUITE_END()
