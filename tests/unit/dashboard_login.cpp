// Table D3, and who is the owner: passwords, sessions, tokens.
#include "tests/unit/dashboard_desk.hpp"

#include "proxy/dashboard/guesses.hpp"
#include "proxy/dashboard/password.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

using namespace paravent;
using namespace paravent::dashboard;

namespace {

std::string field(const server::LocalReply& reply, std::string_view name)
{
    for (const auto& [key, value] : reply.fields)
        if (key == name)
            return value;
    return {};
}

/// A visitor at a desk: without the token, with the cookie that the last answer gave.
struct Visitor {
    Desk& desk;
    std::string client = "127.0.0.1";
    bool secure = false;
    std::string cookie = {};
    std::vector<std::pair<std::string, std::string>> fields = {{"Sec-Fetch-Site", "same-origin"}};

    server::LocalReply ask(const std::string& method, const std::string& target, const std::string& body = {})
    {
        auto request = Desk::request(method, target);
        request.client = client;
        request.loopback = client == "127.0.0.1";
        request.secure = secure;
        request.host = secure ? "paravent.local" : request.host;
        request.fields = fields;
        if (!cookie.empty())
            request.fields.emplace_back("Cookie", "other=1; " + cookie);
        request.body = body;
        auto reply = desk.api->answers(request);
        if (const auto given = field(reply, "Set-Cookie"); !given.empty())
            cookie = given.substr(0, given.find(';'));
        return reply;
    }
};

std::string text_in(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(login)

BOOST_AUTO_TEST_CASE(a_password_is_known_again_and_kept_as_scrypt_alone)
{
    const auto kept = hash_password("correct horse");
    BOOST_TEST(is_password(kept, "correct horse"));
    BOOST_TEST(!is_password(kept, "correct horsf"));
    BOOST_TEST(!is_password(kept, ""));
    BOOST_TEST(hash_password("correct horse").hash != kept.hash); // a salt of its own
    PasswordHash huge = kept;
    huge.n = 1ull << 40; // a file by somebody else's hand takes no memory
    BOOST_TEST(!is_password(huge, "correct horse"));
}

BOOST_AUTO_TEST_CASE(each_source_waits_longer_after_each_wrong_try)
{
    Guesses guesses;
    std::int64_t now = 1'000'000, before = -1;
    for (int n = 0; n < 16; ++n) {
        const auto wait = guesses.wait_of("192.168.1.20", now);
        BOOST_TEST(wait >= before);
        BOOST_TEST(wait <= Guesses::longest_ms);
        before = wait;
        now += wait;
        BOOST_TEST(guesses.wait_of("192.168.1.20", now) == 0);
        guesses.wrong("192.168.1.20", now);
    }
    BOOST_TEST(before == Guesses::longest_ms);
    BOOST_TEST(guesses.wait_of("192.168.1.21", now) == 0); // another is not held up
    guesses.right("192.168.1.20");
    BOOST_TEST(guesses.wait_of("192.168.1.20", now) == 0);
}

BOOST_AUTO_TEST_CASE(after_a_quiet_hour_a_source_begins_anew)
{
    for (const bool quiet : {false, true}) {
        Guesses guesses;
        std::int64_t now = 1'000'000;
        for (int n = 0; n < 10; ++n)
            guesses.wrong("192.168.1.20", now);
        now += Guesses::forgotten_ms + (quiet ? 1 : 0);
        guesses.wrong("192.168.1.20", now);
        BOOST_TEST((guesses.wait_of("192.168.1.20", now) == 0) == quiet);
    }
}

BOOST_AUTO_TEST_CASE(a_network_of_ipv6_addresses_is_one_source_and_the_number_of_sources_is_bounded)
{
    BOOST_TEST(source_of("fd00::1:2:3:4") == source_of("fd00::9"));
    BOOST_TEST(source_of("fd00:0:0:1::9") != source_of("fd00::9"));
    Guesses guesses;
    for (int n = 0; n < 3; ++n)
        guesses.wrong("10.0.0.1", 1000);
    for (std::size_t n = 0; n < 2 * Guesses::most_sources; ++n)
        guesses.wrong("172.16." + std::to_string(n / 256) + "." + std::to_string(n % 256), 1000);
    BOOST_TEST(guesses.wait_of("10.0.0.1", 1000) == 0); // the oldest was let go
}

BOOST_AUTO_TEST_CASE(until_there_is_a_password_this_computer_alone_gets_in)
{
    Desk desk;
    Visitor here{desk};
    BOOST_TEST(here.ask("GET", "/api/v1/status").status == 401u);
    BOOST_TEST(here.ask("POST", "/api/v1/session", "{}").status == 200u);
    BOOST_TEST(here.ask("GET", "/api/v1/status").status == 200u);

    Visitor phone{desk, "192.168.1.20", true};
    BOOST_TEST(boost::json::parse(phone.ask("GET", "/api/v1/session").body).at("login") == "code");
    BOOST_TEST(phone.ask("POST", "/api/v1/session", "{}").status == 403u);
    phone.cookie = "__Host-" + here.cookie; // what this computer got is worth nothing elsewhere
    BOOST_TEST(phone.ask("GET", "/api/v1/status").status == 401u);
}

BOOST_AUTO_TEST_CASE(from_the_network_the_first_password_takes_the_code)
{
    Desk desk;
    Visitor phone{desk, "192.168.1.20", true};
    BOOST_TEST(phone.ask("PUT", "/api/v1/password", R"({"new": "correct horse"})").status == 403u);
    BOOST_TEST(phone.ask("PUT", "/api/v1/password", R"({"new": "correct horse", "code": "0000-0000"})").status == 403u);
    const auto body = R"({"new": "correct horse", "code": ")" + desk.door->code() + "\"}";
    BOOST_TEST(
        phone.ask("PUT", "/api/v1/password", R"({"new": "short", "code": ")" + desk.door->code() + "\"}").status ==
        400u);
    const auto set = phone.ask("PUT", "/api/v1/password", body);
    BOOST_TEST(set.status == 204u);
    BOOST_TEST(field(set, "Set-Cookie").find("__Host-paravent=") == 0u);
    for (const auto* word : {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"})
        BOOST_TEST(field(set, "Set-Cookie").find(word) != std::string::npos, word);
    BOOST_TEST(phone.ask("GET", "/api/v1/status").status == 200u);
    Visitor other{desk, "192.168.1.21", true};
    BOOST_TEST(other.ask("PUT", "/api/v1/password", body).status == 409u); // once
    BOOST_TEST(desk.door->code() == "");
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_refused_and_after_some_it_is_not_even_looked_at)
{
    Desk desk;
    desk.door->set_password("correct horse");
    Visitor here{desk};
    BOOST_TEST(here.ask("POST", "/api/v1/session", "{}").status == 403u);
    BOOST_TEST(here.ask("POST", "/api/v1/session", R"({"password": "correct horsf"})").status == 403u);
    BOOST_TEST(here.ask("POST", "/api/v1/session", R"({"password": "x"})").status == 403u);
    const auto waiting = here.ask("POST", "/api/v1/session", R"({"password": "correct horse"})");
    BOOST_TEST(waiting.status == 429u);
    BOOST_TEST(field(waiting, "Retry-After") == "1");
    Visitor phone{desk, "192.168.1.20", true};
    BOOST_TEST(phone.ask("POST", "/api/v1/session", R"({"password": "correct horse"})").status == 200u);
    desk.now += 1000;
    BOOST_TEST(here.ask("POST", "/api/v1/session", R"({"password": "correct horse"})").status == 200u);
}

BOOST_AUTO_TEST_CASE(sessions_outlive_a_restart_and_end_with_time_log_out_or_another_password)
{
    Desk desk;
    desk.door->set_password("correct horse");
    Visitor here{desk};
    here.ask("POST", "/api/v1/session", R"({"password": "correct horse"})");
    BOOST_TEST(here.ask("GET", "/api/v1/status").status == 200u);
    Door again(desk.folder, "secret", [&] { return desk.now; });
    BOOST_TEST(again.has_session(here.cookie.substr(here.cookie.find('=') + 1)));

    auto later = here;
    desk.now += Door::session_ms + 1;
    BOOST_TEST(later.ask("GET", "/api/v1/status").status == 401u);
    desk.now -= Door::session_ms;
    BOOST_TEST(here.ask("DELETE", "/api/v1/session").status == 204u);
    BOOST_TEST(later.ask("GET", "/api/v1/status").status == 401u);

    here.ask("POST", "/api/v1/session", R"({"password": "correct horse"})");
    Visitor phone{desk, "192.168.1.20", true};
    BOOST_TEST(phone.ask("PUT", "/api/v1/password", R"({"new": "another one"})").status == 403u);
    BOOST_TEST(phone.ask("PUT", "/api/v1/password", R"({"new": "another one", "old": "correct horse"})").status ==
               204u);
    BOOST_TEST(here.ask("GET", "/api/v1/status").status == 401u);
    BOOST_TEST(phone.ask("GET", "/api/v1/status").status == 200u);
}

BOOST_AUTO_TEST_CASE(a_session_changes_nothing_for_a_page_from_elsewhere)
{
    Desk desk;
    Visitor here{desk};
    here.ask("POST", "/api/v1/session", "{}");
    const std::string change = R"({"profile": "off"})";
    for (const auto& fields :
         std::vector<std::vector<std::pair<std::string, std::string>>>{{}, // a form in a browser that tells nothing
                                                                       {{"Origin", "http://evil.example"}},
                                                                       {{"Sec-Fetch-Site", "cross-site"}},
                                                                       {{"Sec-Fetch-Site", "none"}},
                                                                       {{"Origin", "null"}}}) {
        here.fields = fields;
        BOOST_TEST(here.ask("PATCH", "/api/v1/settings", change).status >= 400u);
    }
    here.fields = {{"Origin", "http://127.0.0.1:8481"}};
    BOOST_TEST(here.ask("PATCH", "/api/v1/settings", change).status == 200u);
}

BOOST_AUTO_TEST_CASE(tokens_are_shown_once_kept_hashed_and_can_be_taken_back)
{
    Desk desk;
    const auto made = boost::json::parse(desk.ask("POST", "/api/v1/tokens", R"({"name": "grafana"})").body);
    const std::string secret(made.at("token").as_string());
    Visitor program{desk, "192.168.1.50", true};
    program.fields = {{"Authorization", "Bearer " + secret}};
    BOOST_TEST(program.ask("GET", "/metrics").status == 200u);
    BOOST_TEST(program.ask("GET", "/api/v1/status").status == 200u);
    const auto shown = desk.ask("GET", "/api/v1/tokens").body;
    BOOST_TEST(shown.find("grafana") != std::string::npos);
    BOOST_TEST(shown.find(secret) == std::string::npos);
    BOOST_TEST(text_in(desk.folder / "login.json").find(secret) == std::string::npos);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/tokens?id=none").status == 404u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/tokens?id=" + std::string(made.at("id").as_string())).status == 204u);
    BOOST_TEST(program.ask("GET", "/api/v1/status").status == 401u);
    BOOST_TEST(program.ask("GET", "/metrics").status == 401u);
}

BOOST_AUTO_TEST_CASE(the_code_is_shown_to_the_owner_alone_and_changes_after_many_wrong_ones)
{
    Desk desk;
    Visitor phone{desk, "192.168.1.20", true};
    BOOST_TEST(phone.ask("GET", "/api/v1/password").status == 401u);
    const auto code = desk.door->code();
    for (unsigned i = 0; i < Door::most_wrong_codes; ++i) {
        BOOST_TEST(desk.door->code() == code);
        BOOST_TEST(!desk.door->try_code("10.0.0." + std::to_string(i), "0000-0000").right);
    }
    BOOST_TEST(desk.door->code() != code);
    BOOST_TEST(!desk.door->try_code("192.168.1.20", code).right);
    BOOST_TEST(desk.door->try_code("192.168.1.21", desk.door->code()).right);
    const auto last = desk.door->code();
    desk.door->set_password("correct horse");
    BOOST_TEST(!desk.door->try_code("192.168.1.21", last).right); // of no use any more
}

BOOST_AUTO_TEST_CASE(neither_a_session_nor_a_programs_token_sets_a_password_or_makes_tokens_of_its_own)
{
    Desk desk;
    Visitor here{desk};
    BOOST_TEST(here.ask("PUT", "/api/v1/password", R"({"new": "the first one"})").status == 204u);
    for (const auto* authorization : {"x", "Basic eDp5", "Bearer ", "Bearer nothing"}) {
        here.fields = {{"Sec-Fetch-Site", "same-origin"}, {"Authorization", authorization}};
        BOOST_TEST(here.ask("PUT", "/api/v1/password", R"({"new": "the second one"})").status == 403u);
    }
    const auto made = desk.door->add_token("graphs");
    here.cookie.clear();
    here.fields = {{"Authorization", "Bearer " + made.secret}};
    BOOST_TEST(here.ask("GET", "/api/v1/status").status == 200u);
    BOOST_TEST(here.ask("PUT", "/api/v1/password", R"({"new": "the third one"})").status == 403u);
    BOOST_TEST(here.ask("POST", "/api/v1/tokens", R"({"name": "another"})").status == 403u);
    BOOST_TEST(desk.ask("PUT", "/api/v1/password", R"({"new": "the fourth one"})").status == 204u);
}

BOOST_AUTO_TEST_CASE(a_broken_file_lets_nobody_in_but_the_computers_own_token)
{
    Desk desk;
    std::ofstream(desk.folder / "login.json") << R"({"format": 1, "password": {"n": "many"}})";
    Door door(desk.folder, "secret");
    BOOST_TEST(door.has_password());
    BOOST_TEST(door.problem().find("paravent password") != std::string::npos);
    BOOST_TEST(!door.try_password("127.0.0.1", "").right);
    BOOST_TEST(!door.try_code("127.0.0.1", door.code()).right);
    BOOST_TEST(door.has_token("secret"));
    door.set_password("correct horse");
    BOOST_TEST(door.problem() == "");
    BOOST_TEST(Door(desk.folder, "secret").try_password("127.0.0.1", "correct horse").right);
}

BOOST_AUTO_TEST_CASE(login_can_be_required_here_too_once_there_is_a_password)
{
    Desk desk;
    BOOST_TEST(desk.ask("PATCH", "/api/v1/settings", R"({"require_login": true})").status == 409u);
    desk.door->set_password("correct horse");
    Visitor here{desk};
    BOOST_TEST(boost::json::parse(here.ask("GET", "/api/v1/session").body).at("login") == "password");
    BOOST_TEST(desk.ask("PATCH", "/api/v1/settings", R"({"require_login": false})").status == 200u);
    BOOST_TEST(here.ask("POST", "/api/v1/session", "{}").status == 200u);
    BOOST_TEST(here.ask("GET", "/api/v1/status").status == 200u);
}

BOOST_AUTO_TEST_SUITE_END()
