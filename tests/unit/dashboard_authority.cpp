#include "tests/unit/dashboard_desk.hpp"

#include "proxy/dashboard/time.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

namespace {

using paravent::tls::Refusal;

boost::json::value body(const paravent::server::LocalReply& reply)
{
    return boost::json::parse(reply.body);
}

std::string text(const boost::json::value& value)
{
    return std::string(value.as_string());
}

std::string field(const paravent::server::LocalReply& reply, std::string_view name)
{
    for (const auto& [key, value] : reply.fields)
        if (key == name)
            return value;
    return {};
}

std::string content(const std::filesystem::path& file)
{
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// An app on the device refuses twice within a minute; the bypass's id.
std::string refuse(Desk& desk, const std::string& device, const std::string& host)
{
    auto& memory = desk.interception->bypasses();
    const auto now = paravent::dashboard::now_ms();
    (void)memory.refused(device, host, Refusal::unknown_ca, memory.moment(), now - 29'000);
    const auto made = memory.refused(device, host, Refusal::unknown_ca, memory.moment(), now - 9'000);
    BOOST_TEST_REQUIRE(made.has_value());
    return made->id;
}

std::size_t bypasses(Desk& desk)
{
    return desk.get("/api/v1/bypasses").at("items").as_array().size();
}

paravent::server::LocalReply check(Desk& desk, const std::string& authority, const std::string& origin = {})
{
    auto request = Desk::request("POST", "/api/v1/self/check");
    request.client = "192.168.1.20";
    request.loopback = false;
    request.secure = true;
    request.by_proxy = true;
    request.host = "paravent.local";
    request.port = 0;
    request.authority = authority;
    if (!origin.empty())
        request.fields = {{"Origin", origin}, {"Sec-Fetch-Site", "cross-site"}};
    return desk.api->answers(request);
}

} // namespace

BOOST_AUTO_TEST_CASE(an_authority_is_made_shown_renewed_and_removed_by_the_api)
{
    Desk desk;
    BOOST_TEST(desk.get("/api/v1/authority").at("items").as_array().empty());
    BOOST_TEST(desk.get("/api/v1/status").at("authority").is_null());
    const auto reply = desk.ask("POST", "/api/v1/authority");
    BOOST_TEST(reply.status == 201u);
    const auto first = body(reply);
    BOOST_TEST(!first.as_object().contains("root_key"));
    BOOST_TEST(first.at("notice").is_null());
    BOOST_TEST(first.at("names").as_array().at(0).as_string() == "paravent.local");
    BOOST_TEST(text(first.at("certificate")).starts_with("-----BEGIN CERTIFICATE-----"));
    BOOST_TEST(desk.get("/api/v1/authority").at("items").at(0) == first);
    BOOST_TEST(desk.get("/api/v1/status").at("authority").at("fingerprint") == first.at("fingerprint"));
    BOOST_TEST(desk.interception->authorities()->size() == 1u);

    const auto again = desk.ask("POST", "/api/v1/authority");
    BOOST_TEST(again.status == 409u);
    BOOST_TEST(text(body(again).at("detail")).find("`paravent authority renew`") != std::string::npos);
    const auto second = body(desk.ask("POST", "/api/v1/authority", R"({"renew": true})"));
    BOOST_TEST(desk.ask("POST", "/api/v1/authority", R"({"renew": true})").status == 409u);
    BOOST_TEST(desk.get("/api/v1/authority").at("items").at(0) == second);
    BOOST_TEST(desk.get("/api/v1/status").at("authority").at("fingerprint") == second.at("fingerprint"));

    const auto removed = desk.ask("DELETE", "/api/v1/authority?fingerprint=" + text(first.at("fingerprint")));
    BOOST_TEST(body(removed).at("removed").at(0) == first.at("name"));
    BOOST_TEST(desk.interception->authorities()->size() == 1u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/authority").status == 200u);
    BOOST_TEST(desk.interception->authorities()->empty());
    BOOST_TEST(!std::filesystem::exists(desk.folder / "authority"));
}

BOOST_AUTO_TEST_CASE(the_roots_key_is_given_once_and_encrypted)
{
    Desk desk;
    const auto made = body(desk.ask("POST", "/api/v1/authority", R"({"passphrase": "correct horse"})"));
    BOOST_TEST(text(made.at("root_key")).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    BOOST_TEST(desk.ask("GET", "/api/v1/authority").body.find("root_key") == std::string::npos);
    BOOST_TEST(content(desk.folder / "authority/1.pem").find("ENCRYPTED") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_that_are_not_in_order_are_problems)
{
    Desk desk;
    std::filesystem::create_directory(desk.folder / "authority");
    std::ofstream(desk.folder / "authority/1.pem") << "rubbish";
    desk.interception->load();
    BOOST_TEST(desk.get("/api/v1/authority").at("problems").as_array().size() == 1u);
    const auto status = desk.get("/api/v1/status");
    BOOST_TEST_REQUIRE(status.at("problems").as_array().size() == 1u);
    BOOST_TEST(status.at("problems").at(0).at("code").as_string() == "authority");
    BOOST_TEST(desk.ask("POST", "/api/v1/authority").status == 409u);
}

BOOST_AUTO_TEST_CASE(interception_is_switched_on_where_there_is_an_authority)
{
    Desk desk;
    const std::string target = "/api/v1/devices/192.168.1.20";
    const auto refused = desk.ask("PATCH", target, R"({"intercept": true})");
    BOOST_TEST(refused.status == 409u);
    BOOST_TEST(text(body(refused).at("detail")).find("`paravent authority create`") != std::string::npos);
    BOOST_TEST(desk.ask("PATCH", target, R"({"intercept": false})").status == 200u);
    desk.ask("POST", "/api/v1/authority");
    BOOST_TEST(body(desk.ask("PATCH", target, R"({"intercept": true})")).at("intercept").as_bool());
    BOOST_TEST(desk.get("/api/v1/status").at("problems").as_array().empty());
    desk.ask("DELETE", "/api/v1/authority");
    BOOST_TEST(desk.get("/api/v1/status").at("problems").at(0).at("code").as_string() == "no_authority");
}

BOOST_AUTO_TEST_CASE(a_device_proves_its_trust_by_asking_over_https)
{
    Desk desk;
    desk.ask("POST", "/api/v1/authority");
    const auto authority = desk.interception->authorities()->front();
    const auto unknown = body(check(desk, {}));
    BOOST_TEST(unknown.at("trust").as_string() == "unknown");
    BOOST_TEST(unknown.at("check").as_string() == "https://paravent.local/api/v1/self/check");
    BOOST_TEST(body(check(desk, "0123456789abcdef")).at("trust").as_string() == "unknown"); // removed meanwhile
    BOOST_TEST(desk.get("/api/v1/devices").at("items").as_array().empty());

    const auto proved = body(check(desk, authority->id()));
    BOOST_TEST(proved.at("trust").as_string() == "yes");
    BOOST_TEST(proved.at("authority").as_string() == authority->fingerprint());
    const auto device = desk.get("/api/v1/devices").at("items").at(0);
    BOOST_TEST(device.at("trust").as_string() == "yes");
    BOOST_TEST(content(desk.folder / "trust.json").find(text(device.at("id"))) != std::string::npos);

    desk.ask("DELETE", "/api/v1/authority");
    BOOST_TEST(desk.get("/api/v1/devices").at("items").at(0).at("trust").as_string() == "unknown");
    BOOST_TEST(content(desk.folder / "trust.json").find(text(device.at("id"))) == std::string::npos);
}

namespace {

struct Asker {
    const char* origin;
    bool own;
};
std::ostream& operator<<(std::ostream& out, const Asker& asker)
{
    return out << asker.origin;
}
const Asker askers[] = {
    {"http://paravent.local", true},       {"https://paravent.local", true},
    {"http://paravent.local:80", true},    {"http://paravent.local:8481", true},
    {"https://paravent.local:8481", true}, {"http://127.0.0.1:8481", true},
    {"http://localhost:8481", true},       {"http://paravent.local:3000", false},
    {"http://127.0.0.1", false},           {"http://127.0.0.1:3000", false},
    {"http://evil.example", false},        {"http://paravent.local.evil.example", false},
    {"ftp://paravent.local", false},       {"paravent.local", false},
    {"http://192.168.1.2:8481", false},    {"null", false},
    {"http://paravent.local@evil", false}, {"http://", false},
};

} // namespace

BOOST_DATA_TEST_CASE(the_boxs_own_pages_alone_may_ask_from_another_origin, boost::unit_test::data::make(askers), c)
{
    Desk desk;
    const auto reply = check(desk, {}, c.origin);
    BOOST_TEST(reply.status == (c.own ? 200u : 403u));
    BOOST_TEST(field(reply, "Access-Control-Allow-Origin") == (c.own ? c.origin : ""));
    // Everything else is for pages of the same origin.
    auto other = Desk::request("GET", "/api/v1/self");
    other.fields = {{"Origin", c.origin}, {"Sec-Fetch-Site", "cross-site"}};
    BOOST_TEST(desk.api->answers(other).status == 403u);
}

BOOST_AUTO_TEST_CASE(a_bypass_is_shown_as_a_blind_spot_and_can_be_undone)
{
    Desk desk;
    const auto device = text(body(desk.ask("PATCH", "/api/v1/devices/192.168.1.20", R"({"name": "Tablet"})")).at("id"));
    const auto id = refuse(desk, device, "graph.facebook.com");
    const auto item = desk.get("/api/v1/bypasses").at("items").at(0);
    BOOST_TEST(text(item.at("id")) == id);
    BOOST_TEST(text(item.at("device")) == device);
    BOOST_TEST(text(item.at("host")) == "graph.facebook.com");
    BOOST_TEST(text(item.at("reason")) == "unknown_ca");
    const auto status = desk.get("/api/v1/status"); // the arrays below live in it
    const auto& spot = status.at("blind_spots").as_array().back();
    BOOST_TEST(text(spot.at("kind")) == "bypass");
    BOOST_TEST(text(spot.at("device")) == device);
    BOOST_TEST(text(spot.at("text")).find("Tablet (" + device + ")") != std::string::npos);

    BOOST_TEST(!desk.interception->save());
    BOOST_TEST(content(desk.folder / "bypasses.json").find("graph.facebook.com") != std::string::npos);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/bypasses/" + id).status == 204u);
    BOOST_TEST(bypasses(desk) == 0u);
    BOOST_TEST(content(desk.folder / "bypasses.json").find("graph.facebook.com") == std::string::npos);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/bypasses/" + id).status == 404u);
}

BOOST_AUTO_TEST_CASE(forgetting_a_device_forgets_what_its_apps_refused_and_what_it_proved)
{
    for (const auto* target :
         {"/api/v1/events?device=192.168.1.20", "/api/v1/events", "/api/v1/devices/192.168.1.20"}) {
        Desk desk;
        desk.ask("POST", "/api/v1/authority");
        check(desk, desk.interception->authorities()->front()->id());
        refuse(desk, text(desk.get("/api/v1/devices").at("items").at(0).at("id")), "graph.facebook.com");
        BOOST_TEST(desk.ask("DELETE", "/api/v1/events?site=shop.example").status == 200u);
        BOOST_TEST(bypasses(desk) == 1u);
        BOOST_TEST(desk.ask("DELETE", target).status == 200u);
        BOOST_TEST(bypasses(desk) == 0u);
        const auto devices = desk.get("/api/v1/devices"); // the array below lives in it
        for (const auto& device : devices.at("items").as_array())
            BOOST_TEST(device.at("trust").as_string() == "unknown");
        BOOST_TEST(content(desk.folder / "bypasses.json").find("graph.facebook.com") == std::string::npos);
        BOOST_TEST(content(desk.folder / "trust.json").find("trusts") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(why_knows_what_is_decrypted)
{
    Desk desk;
    const std::string target = "/api/v1/why?url=https://www.facebook.com/tr&device=192.168.1.20";
    desk.ask("POST", "/api/v1/authority");
    const auto device =
        text(body(desk.ask("PATCH", "/api/v1/devices/192.168.1.20", R"({"intercept": true})")).at("id"));
    BOOST_TEST(!desk.get(target).at("needs_inside").as_bool());
    const auto id = refuse(desk, device, "www.facebook.com");
    BOOST_TEST(desk.get(target).at("needs_inside").as_bool());
    BOOST_TEST(text(desk.get(target).at("sentence")).find("an app on this device refused") != std::string::npos);
    desk.ask("DELETE", "/api/v1/bypasses/" + id);
    desk.ask("DELETE", "/api/v1/authority");
    BOOST_TEST(text(desk.get(target).at("sentence")).find("is not on for this device") != std::string::npos);
}
