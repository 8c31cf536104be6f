#include "tests/unit/dashboard_desk.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

std::string detail(const paravent::server::LocalReply& reply)
{
    return std::string(boost::json::parse(reply.body).at("detail").as_string());
}

std::string whole(paravent::server::Feed& feed)
{
    std::string out;
    for (std::string piece = feed.take(); !piece.empty(); piece = feed.take())
        out += piece;
    BOOST_TEST(feed.finished());
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_address_not_seen_yet_makes_the_device_and_null_goes_back)
{
    Desk desk;
    const auto made = boost::json::parse(desk.ask("PATCH", "/api/v1/devices/192.168.1.20",
                                                  R"({"name": "Tablet", "profile": "strict", "meta_apps": false})")
                                             .body);
    BOOST_TEST(made.at("name").as_string() == "Tablet");
    BOOST_TEST(made.at("profile").as_string() == "strict");
    BOOST_TEST(made.at("meta_apps").as_bool() == false);
    BOOST_TEST(made.at("paused_until").is_null());
    const auto back = boost::json::parse(desk.ask("PATCH", "/api/v1/devices/Tablet", R"({"profile": null})").body);
    BOOST_TEST(back.at("id").as_string() == made.at("id").as_string());
    BOOST_TEST(back.at("profile").as_string() == "standard");
    BOOST_TEST(desk.get("/api/v1/devices").at("items").as_array().size() == 1u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/devices/Tablet").status == 200u);
}

BOOST_AUTO_TEST_CASE(asking_about_a_device_makes_none)
{
    Desk desk;
    BOOST_TEST(desk.ask("GET", "/api/v1/events?device=192.168.1.77").status == 400u);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/devices/192.168.1.77").status == 404u);
    BOOST_TEST(desk.get("/api/v1/devices").at("items").as_array().empty());
}

namespace {

struct Body {
    const char* method;
    const char* target;
    const char* body;
    unsigned status;
};
std::ostream& operator<<(std::ostream& out, const Body& body)
{
    return out << body.target << " " << body.body;
}
const Body bodies[] = {
    {"PATCH", "/api/v1/devices/192.168.1.20", "{", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", "[]", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"profil": "strict"})", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"profile": "lax"})", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"profile": 1})", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"meta_apps": "yes"})", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"privacy": "none"})", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"paused_until": "soon"})", 400},
    {"PATCH", "/api/v1/devices/192.168.1.20", R"({"intercept": true})", 409},
    {"PATCH", "/api/v1/devices/nobody", R"({"profile": "strict"})", 404},
    {"POST", "/api/v1/exceptions", "", 400},
    {"POST", "/api/v1/exceptions", R"({"site": ""})", 400},
    {"POST", "/api/v1/exceptions", R"({"site": "a b"})", 400},
    {"POST", "/api/v1/exceptions", R"({"site": "shop.example", "verdict": "log"})", 400},
    {"POST", "/api/v1/exceptions", R"({"site": "shop.example", "until": "2001-01-01T00:00:00Z"})", 400},
    {"POST", "/api/v1/exceptions", R"({"site": "shop.example", "device": "nobody"})", 400},
    {"DELETE", "/api/v1/exceptions/none", "", 404},
    {"PATCH", "/api/v1/lists/none", R"({"enabled": true})", 404},
    {"PATCH", "/api/v1/lists/pixel-event", R"({"enabled": "yes"})", 400},
    {"PATCH", "/api/v1/lists/pixel-event", "{}", 400},
    {"POST", "/api/v1/lists", "{}", 400},
    {"POST", "/api/v1/lists", R"({"name": "far", "url": "http://a.example/"})", 400},
    {"POST", "/api/v1/lists", R"({"name": "far", "url": "https://a.example/", "insecure": "yes"})", 400},
    {"POST", "/api/v1/lists", R"({"name": "far", "url": "https://a.example/", "file": "/etc/passwd"})", 400},
    {"PATCH", "/api/v1/sites/shop.example", "{}", 400},
    {"PATCH", "/api/v1/sites/shop.example", R"({"mode": "loud"})", 400},
    {"PATCH", "/api/v1/sites/shop.example", R"({"mode": "silent", "sites": 1})", 400},
    {"PATCH", "/api/v1/sites/no%20site", R"({"mode": "silent"})", 400},
    {"DELETE", "/api/v1/lists/none", "", 404},
    {"DELETE", "/api/v1/lists/pixel-event", "", 409},
    {"POST", "/api/v1/authority", "[]", 400},
    {"POST", "/api/v1/authority", R"({"days": 7})", 400},
    {"POST", "/api/v1/authority", R"({"renew": 1})", 400},
    {"POST", "/api/v1/authority", R"({"renew": true})", 409},
    {"POST", "/api/v1/authority", R"({"passphrase": "short"})", 400},
    {"POST", "/api/v1/authority", R"({"passphrase": 12345678})", 400},
    {"POST", "/api/v1/authority?renew=true", "", 400},
    {"DELETE", "/api/v1/authority", "", 404},
    {"DELETE", "/api/v1/authority?fingerprint=", "", 400},
    {"DELETE", "/api/v1/authority?fingerprint=zz", "", 404},
    {"DELETE", "/api/v1/authority?finger=ab", "", 400},
    {"DELETE", "/api/v1/bypasses/b1", "", 404},
    {"POST", "/api/v1/self/check", R"({"trust": "yes"})", 400},
    {"POST", "/api/v1/backup", "", 400},
    {"POST", "/api/v1/backup", R"({"passphrase": "short"})", 400},
    {"POST", "/api/v1/backup", R"({"passphrase": 12345678})", 400},
    {"POST", "/api/v1/restore", R"({"file": "/nowhere/backup.db", "passphrase": "short"})", 400},
    {"POST", "/api/v1/restore", "rubbish", 400},
    {"POST", "/api/v1/restore", R"({"file": "relative.db"})", 400},
    {"POST", "/api/v1/restore", R"({"file": "/nowhere/backup.db"})", 400},
    {"POST", "/api/v1/restore", R"({"file": "/dev/zero"})", 400},
};

} // namespace

BOOST_DATA_TEST_CASE(a_wrong_body_is_refused_and_changes_nothing, boost::unit_test::data::make(bodies), c)
{
    Desk desk;
    const auto reply = desk.ask(c.method, c.target, c.body);
    BOOST_TEST(reply.status == c.status);
    BOOST_TEST(!detail(reply).empty());
    BOOST_TEST(desk.get("/api/v1/devices").at("items").as_array().empty());
    BOOST_TEST(desk.get("/api/v1/exceptions").at("items").as_array().empty());
    BOOST_TEST(desk.get("/api/v1/sites").at("items").as_array().empty());
    BOOST_TEST(desk.interception->authorities()->empty());
    BOOST_TEST(desk.reloads == 0u);
    BOOST_TEST(desk.restored_database.empty());
}

BOOST_AUTO_TEST_CASE(an_exception_is_made_shown_and_removed)
{
    Desk desk;
    const auto reply = desk.ask("POST", "/api/v1/exceptions", R"({"site": "Shop.Example", "device": "192.168.1.20"})");
    BOOST_TEST(reply.status == 201u);
    const auto made = boost::json::parse(reply.body);
    BOOST_TEST(made.at("site").as_string() == "shop.example");
    BOOST_TEST(made.at("verdict").as_string() == "allow");
    BOOST_TEST(made.at("until").is_null());
    BOOST_TEST(desk.get("/api/v1/exceptions").at("items").at(0) == made);
    BOOST_TEST(desk.ask("DELETE", "/api/v1/exceptions/" + std::string(made.at("id").as_string())).status == 204u);
    BOOST_TEST(desk.get("/api/v1/exceptions").at("items").as_array().empty());
}

BOOST_AUTO_TEST_CASE(a_list_is_switched_and_everything_read_anew)
{
    Desk desk;
    BOOST_TEST(desk.ask("PATCH", "/api/v1/lists/pixel-event", R"({"enabled": false})").status == 200u);
    BOOST_TEST(desk.reloads == 1u);
    BOOST_TEST((desk.policy->list_enabled("pixel-event") == std::optional(false)));
    desk.reload_problem = "paravent.toml:3:1: no";
    const auto reply = desk.ask("PATCH", "/api/v1/lists/pixel-event", R"({"enabled": true})");
    BOOST_TEST(reply.status == 409u);
    BOOST_TEST(detail(reply).find("paravent.toml:3:1") != std::string::npos);
    BOOST_TEST((desk.policy->list_enabled("pixel-event") == std::optional(false)));
    BOOST_TEST(desk.ask("POST", "/api/v1/lists/update").status == 409u);
    BOOST_TEST(!desk.fetched);
}

BOOST_AUTO_TEST_CASE(an_update_answers_when_all_lists_were_fetched_and_says_meanwhile_that_it_will)
{
    Desk desk;
    const auto reply = desk.ask("POST", "/api/v1/lists/update");
    BOOST_TEST(reply.status == 200u);
    BOOST_TEST_REQUIRE(reply.feed);
    bool woken = false;
    reply.feed->on_ready([&] { woken = true; });
    BOOST_TEST(reply.feed->take().empty());
    BOOST_TEST(!reply.feed->finished());
    BOOST_TEST(reply.feed->heartbeat() == " ");
    BOOST_REQUIRE(desk.fetched);
    desk.fetched();
    BOOST_TEST(woken);
    const auto body = boost::json::parse(reply.feed->take());
    BOOST_TEST(body.at("items").at(0).at("name").as_string() == "pixel-event");
    BOOST_TEST(reply.feed->take().empty());
    BOOST_TEST(reply.feed->finished());
}

BOOST_AUTO_TEST_CASE(a_subscription_is_added_and_removed_and_kept_where_the_rest_of_the_owners_word_is)
{
    Desk desk;
    const std::string wish = R"({"name": "far", "url": "https://lists.example/a.txt", "category": "ads"})";
    desk.reload_problem = "paravent.toml:3:1: no";
    BOOST_TEST(desk.ask("POST", "/api/v1/lists", wish).status == 409u);
    BOOST_TEST(desk.policy->subscriptions().empty());
    desk.reload_problem.clear();
    desk.ask("POST", "/api/v1/lists", wish);
    BOOST_REQUIRE(desk.policy->subscriptions().size() == 1u);
    BOOST_TEST(desk.policy->subscriptions()[0].category == "ads");
    BOOST_TEST(desk.ask("DELETE", "/api/v1/lists/far").status == 204u);
    BOOST_TEST(desk.policy->subscriptions().empty());
    BOOST_TEST(desk.reloads == 3u);
}

BOOST_AUTO_TEST_CASE(a_backup_comes_back_whole)
{
    Desk desk;
    desk.record("Purchase", "shop.example");
    desk.ask("POST", "/api/v1/exceptions", R"({"site": "shop.example"})");
    const auto reply = desk.ask("GET", "/api/v1/backup");
    BOOST_TEST(reply.status == 200u);
    BOOST_TEST_REQUIRE(reply.feed);
    const auto backup = whole(*reply.feed);
    BOOST_TEST(backup.starts_with("SQLite format 3"));
    BOOST_TEST(!std::filesystem::exists(desk.folder / "backup.tmp"));

    const auto done = desk.ask("POST", "/api/v1/restore", backup);
    BOOST_TEST(done.status == 200u);
    BOOST_TEST(desk.restored.find("shop.example") != std::string::npos);
    BOOST_TEST(desk.restored_database.starts_with("SQLite format 3"));
    BOOST_TEST(desk.restored_database.find("paravent_backup") == std::string::npos);
    BOOST_TEST(!std::filesystem::exists(desk.folder / "backup.tmp"));

    std::ofstream(desk.folder / "kept.db", std::ios::binary) << backup;
    const auto named = "{\"file\": \"" + (desk.folder / "kept.db").string() + "\"}";
    BOOST_TEST(desk.ask("POST", "/api/v1/restore", named).status == 200u);
}

BOOST_AUTO_TEST_CASE(a_file_is_named_from_this_computer_only)
{
    Desk desk;
    auto request = Desk::request("POST", "/api/v1/restore");
    request.fields.emplace_back("Authorization", "Bearer secret");
    request.body = R"({"file": "/etc/passwd"})";
    request.loopback = false;
    request.secure = true;
    BOOST_TEST(desk.api->answers(request).status == 403u);
}

BOOST_AUTO_TEST_CASE(a_damaged_or_foreign_backup_changes_nothing)
{
    Desk desk;
    for (int i = 0; i < 300; ++i)
        desk.record("Purchase", "shop.example");
    const auto backup = whole(*desk.ask("GET", "/api/v1/backup").feed);
    auto torn = backup.substr(0, backup.size() / 2);
    auto flipped = backup;
    for (std::size_t i = 4096; i + 64 < flipped.size(); i += 4096)
        flipped.replace(i, 64, 64, '\xaa');
    const auto with_trigger = [&] {
        const auto file = desk.folder / "trigger.db";
        std::ofstream(file, std::ios::binary) << backup;
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
        database.exec("CREATE TRIGGER evil AFTER DELETE ON paravent_backup BEGIN SELECT 1; END");
        database.exec("CREATE TABLE guest (x)");
        std::ifstream in(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    for (const auto& body :
         {torn, flipped, with_trigger, std::string("SQLite format 3\0", 16), backup.substr(0, 100)}) {
        const auto reply = desk.ask("POST", "/api/v1/restore", body);
        BOOST_TEST(reply.status == 400u);
        BOOST_TEST(detail(reply).find("nothing was changed") != std::string::npos);
        BOOST_TEST(detail(reply).find('\n') == std::string::npos);
    }
    BOOST_TEST(desk.restored_database.empty());
}
