#include "tests/unit/dashboard_desk.hpp"

#include "proxy/dashboard/guard.hpp"
#include "proxy/wire/http1.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace {

using paravent::dashboard::served_paths;
using paravent::server::LocalRequest;

struct Case {
    const char* what;
    void (*change)(LocalRequest&);
    unsigned status;
    const char* target = "/api/v1/status";
};
std::ostream& operator<<(std::ostream& out, const Case& c)
{
    return out << c.what;
}

const Case cases[] = {
    {"the owner", [](LocalRequest&) {}, 200},
    {"no token", [](LocalRequest& r) { r.fields.clear(); }, 401},
    {"another token", [](LocalRequest& r) { r.fields = {{"Authorization", "Bearer secreT"}}; }, 401},
    {"the token's beginning", [](LocalRequest& r) { r.fields = {{"Authorization", "Bearer secre"}}; }, 401},
    {"another scheme", [](LocalRequest& r) { r.fields = {{"Authorization", "Basic secret"}}; }, 401},
    {"the scheme in capitals", [](LocalRequest& r) { r.fields = {{"authorization", "BEARER secret"}}; }, 200},
    {"localhost", [](LocalRequest& r) { r.host = "localhost"; }, 200},
    {"IPv6 loopback", [](LocalRequest& r) { r.host = "::1"; }, 200},
    {"our name, our port", [](LocalRequest& r) { r.host = "paravent.local"; }, 200},
    {"our name by the proxy", [](LocalRequest& r) { r.host = "paravent.local", r.port = 80, r.by_proxy = true; }, 200},
    {"a name bound anew (D1)", [](LocalRequest& r) { r.host = "rebound.example"; }, 421},
    {"a name that begins like ours", [](LocalRequest& r) { r.host = "127.0.0.1.example"; }, 421},
    {"another port", [](LocalRequest& r) { r.port = 8080; }, 421},
    {"loopback without our port", [](LocalRequest& r) { r.port = 0; }, 421},
    {"an address not ours", [](LocalRequest& r) { r.host = "192.168.1.2"; }, 421},
    {"no Host", [](LocalRequest& r) { r.host.clear(), r.port = 0; }, 421},
    {"our own page", [](LocalRequest& r) { r.fields.emplace_back("Origin", "http://127.0.0.1:8481"); }, 200},
    {"another site's page (D2)", [](LocalRequest& r) { r.fields.emplace_back("Origin", "http://evil.example"); }, 403},
    {"an opaque origin", [](LocalRequest& r) { r.fields.emplace_back("Origin", "null"); }, 403},
    {"another port's page", [](LocalRequest& r) { r.fields.emplace_back("Origin", "http://127.0.0.1:3000"); }, 403},
    {"https where we speak http", [](LocalRequest& r) { r.fields.emplace_back("Origin", "https://127.0.0.1:8481"); },
     403},
    {"a cross-site image", [](LocalRequest& r) { r.fields.emplace_back("Sec-Fetch-Site", "cross-site"); }, 403},
    {"a same-site page", [](LocalRequest& r) { r.fields.emplace_back("Sec-Fetch-Site", "same-site"); }, 403},
    {"a same-origin page", [](LocalRequest& r) { r.fields.emplace_back("Sec-Fetch-Site", "same-origin"); }, 200},
    {"typed in", [](LocalRequest& r) { r.fields.emplace_back("Sec-Fetch-Site", "none"); }, 200},
    {"plain http from the network (D10)", [](LocalRequest& r) { r.loopback = false; }, 307},
    {"https from the network", [](LocalRequest& r) { r.loopback = false, r.secure = true; }, 200},
    {"health from the network", [](LocalRequest& r) { r.fields.clear(), r.loopback = false; }, 200, "/healthz"},
    {"health for a name bound anew", [](LocalRequest& r) { r.host = "rebound.example"; }, 421, "/healthz"},
    {"health for another site's page", [](LocalRequest& r) { r.fields.emplace_back("Origin", "null"); }, 403,
     "/healthz"},
    {"self without login", [](LocalRequest& r) { r.fields.clear(); }, 200, "/api/v1/self"},
    {"self from the network", [](LocalRequest& r) { r.fields.clear(), r.loopback = false; }, 307, "/api/v1/self"},
    {"the page without login", [](LocalRequest& r) { r.fields.clear(); }, 200, "/"},
    {"the page from the network", [](LocalRequest& r) { r.loopback = false; }, 307, "/"},
    {"an unknown path without login", [](LocalRequest& r) { r.fields.clear(); }, 401, "/api/v1/nothing"},
    {"an unknown path", [](LocalRequest&) {}, 404, "/api/v1/nothing"},
    {"an unknown page", [](LocalRequest&) {}, 404, "/nothing"},
    {"a wrong method", [](LocalRequest& r) { r.method = "PUT"; }, 405},
    {"a head alone", [](LocalRequest& r) { r.method = "HEAD"; }, 200},
};

std::string field(const paravent::server::LocalReply& reply, std::string_view name)
{
    for (const auto& [key, value] : reply.fields)
        if (key == name)
            return value;
    return {};
}

} // namespace

BOOST_DATA_TEST_CASE(who_may_ask_for_what, boost::unit_test::data::make(cases), c)
{
    Desk desk;
    auto request = Desk::request("GET", c.target);
    request.fields.emplace_back("Authorization", "Bearer secret");
    c.change(request);
    const auto reply = desk.api->answers(request);
    BOOST_TEST(reply.status == c.status);
    // The head alone decides it, before a body is read.
    const auto refusal = desk.api->begins(request).refusal;
    BOOST_TEST(refusal.has_value() == (c.status >= 300u));
    if (reply.status >= 300) {
        BOOST_TEST(field(reply, "Content-Type") == "application/problem+json");
        const boost::json::value problem = boost::json::parse(reply.body);
        BOOST_TEST(problem.at("type").as_string() == "about:blank");
        BOOST_TEST(problem.at("status").as_int64() == c.status);
        BOOST_TEST(!problem.at("detail").as_string().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_stranger_gets_what_is_for_strangers_and_nothing_else)
{
    const std::set<std::string> open{"GET /",
                                     "GET /setup",
                                     "GET /demo",
                                     "GET /assets/{name}",
                                     "GET /authority.crt",
                                     "GET /paravent.mobileconfig",
                                     "GET /proxy.pac",
                                     "GET /wpad.dat",
                                     "GET /qr.svg",
                                     "GET /metrics", // which asks for a token itself
                                     "GET /healthz",
                                     "GET /authority/{id}/root.crl",
                                     "GET /authority/{id}/meta.crl",
                                     "GET /authority/{id}/box.crl",
                                     "GET /api/v1/session",
                                     "POST /api/v1/session",
                                     "DELETE /api/v1/session",
                                     "PUT /api/v1/password",
                                     "GET /api/v1/self",
                                     "GET /api/v1/self/events",
                                     "POST /api/v1/self/check",
                                     "POST /api/v1/self/exceptions"};
    Desk desk;
    for (const auto& path : served_paths()) {
        const auto method = path.substr(0, path.find(' '));
        auto target = path.substr(method.size() + 1);
        if (const auto name = target.find('{'); name != std::string::npos)
            target.replace(name, target.find('}') - name + 1, "x");
        auto request = Desk::request(method, target);
        request.client = "192.168.1.20";
        request.loopback = false;
        request.secure = true;
        request.host = "paravent.local";
        const auto beginning = desk.api->begins(request);
        BOOST_TEST_CONTEXT(path)
        {
            BOOST_TEST(beginning.refusal.has_value() == !open.contains(path));
            if (beginning.refusal)
                BOOST_TEST(beginning.refusal->status == 401u);
            else
                BOOST_TEST(beginning.most_body == 16u * 1024);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_refused_change_changes_nothing)
{
    Desk desk;
    auto request = Desk::request("DELETE", "/api/v1/events");
    desk.record("Purchase", "shop.example");
    BOOST_TEST(desk.api->answers(request).status == 401u);
    request.fields = {{"Authorization", "Bearer secret"}, {"Origin", "http://evil.example"}};
    BOOST_TEST(desk.api->answers(request).status == 403u);
    BOOST_TEST(desk.get("/api/v1/events").at("items").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_wrong_method_names_the_right_ones)
{
    Desk desk;
    BOOST_TEST(field(desk.ask("PUT", "/api/v1/events"), "Allow") == "GET, HEAD, DELETE");
    BOOST_TEST(field(desk.ask("POST", "/api/v1/devices/aaaa"), "Allow") == "GET, HEAD, PATCH, DELETE");
}

BOOST_AUTO_TEST_CASE(every_reply_carries_the_fields_that_keep_other_pages_out)
{
    Desk desk;
    for (const auto* target : {"/", "/healthz", "/api/v1/status", "/api/v1/nothing"}) {
        const auto reply = desk.ask("GET", target);
        BOOST_TEST(field(reply, "Content-Security-Policy").find("frame-ancestors 'none'") != std::string::npos);
        BOOST_TEST(field(reply, "X-Content-Type-Options") == "nosniff");
        BOOST_TEST(field(reply, "Cross-Origin-Resource-Policy") == "same-origin");
        BOOST_TEST(field(reply, "Access-Control-Allow-Origin").empty());
    }
    BOOST_TEST(field(desk.ask("GET", "/"), "Content-Security-Policy").find("unsafe") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_as_host_is_ours_where_we_listen_on_all)
{
    Desk desk;
    desk.settings->dashboard.listen = {{"0.0.0.0", 8481}};
    auto request = Desk::request("GET", "/healthz");
    request.host = "192.168.1.2";
    BOOST_TEST(desk.api->answers(request).status == 200u);
    request.host = "rebound.example";
    BOOST_TEST(desk.api->answers(request).status == 421u);
}

BOOST_AUTO_TEST_CASE(a_problem_is_titled_by_the_registry_of_status_codes)
{
    for (const unsigned status : {400u, 401u, 404u, 409u, 413u, 415u, 421u, 500u, 503u, 507u}) {
        const boost::json::value problem = boost::json::parse(paravent::dashboard::problem_reply({status, "x"}).body);
        BOOST_TEST(problem.at("title").as_string() == paravent::wire::http1::reason_of(status));
    }
}

BOOST_AUTO_TEST_CASE(whoever_checks_a_certificate_may_fetch_the_revocation_lists)
{
    Desk desk;
    desk.ask("POST", "/api/v1/authority");
    const auto authority = desk.interception->authorities()->front();
    const auto path = "/authority/" + authority->id();
    const auto ask = [&](const std::string& target, const char* host = "paravent.local") {
        auto request = Desk::request("GET", target); // no token
        request.host = host;
        request.port = 0;
        request.loopback = false;
        return desk.api->answers(request);
    };
    for (const auto* name : {"/root.crl", "/meta.crl", "/box.crl"}) {
        const auto reply = ask(path + name);
        BOOST_TEST(reply.status == 200u);
        BOOST_TEST(field(reply, "Content-Type") == "application/pkix-crl");
        BOOST_TEST(reply.body.starts_with('\x30'));
        BOOST_TEST(ask(path + name).body == reply.body);
        BOOST_TEST(ask(path + name, "rebound.example").status == 421u);
    }
    for (const std::string& target :
         std::vector<std::string>{"/authority/0123456789abcdef/meta.crl", "/authority//meta.crl", "/authority/meta.crl",
                                  path, path + "/meta.crl/", path + "/other.crl", path + "/x/meta.crl",
                                  path.substr(0, path.size() - 1) + "/meta.crl"})
        BOOST_TEST(ask(target).status >= 300u, target);
    BOOST_TEST(desk.ask("PUT", path + "/meta.crl").status == 405u);
    desk.ask("DELETE", "/api/v1/authority");
    BOOST_TEST(ask(path + "/meta.crl").status == 404u);
    BOOST_TEST(ask(path + "/root.crl").status == 404u);
}

BOOST_AUTO_TEST_CASE(secrets_are_compared_whole)
{
    using paravent::dashboard::same_secret;
    BOOST_TEST(same_secret("secret", "secret"));
    BOOST_TEST(!same_secret("secret", "secre"));
    BOOST_TEST(!same_secret("secret", "secreT"));
    BOOST_TEST(!same_secret("", "secret"));
}
