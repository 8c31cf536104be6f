// What a Raspberry Pi does in the home: the file that first-boot and the page hand each other.
#include "tests/unit/dashboard_desk.hpp"

#include "proxy/dashboard/place_file.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace paravent;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(place)

BOOST_FIXTURE_TEST_CASE(where_first_boot_left_no_file_there_is_no_choice, Desk)
{
    BOOST_TEST(ask("GET", "/api/v1/place").status == 404u);
    BOOST_TEST(ask("PUT", "/api/v1/place", R"({"mode": "dns"})").status == 404u);
    BOOST_TEST(own.files("place").empty());
    BOOST_TEST(get("/api/v1/self").at("place") == false);
}

BOOST_FIXTURE_TEST_CASE(what_is_chosen_is_written_as_first_boot_reads_it_and_waits_for_what_comes_of_it, Desk)
{
    write(folder / "place", "mode = proxy\n");
    write(folder / "place.done", "mode = proxy\nsaid = All = well # here.\n");
    const auto before = get("/api/v1/place");
    BOOST_TEST(before.at("mode") == "proxy");
    BOOST_TEST(before.at("servers") == json::array{});
    BOOST_TEST(before.at("done").at("mode") == "proxy");
    BOOST_TEST(before.at("done").at("said") == "All = well # here.");
    BOOST_TEST(get("/api/v1/self").at("place") == true);

    const auto chosen =
        json::parse(ask("PUT", "/api/v1/place", R"({"mode": "dns", "servers": ["9.9.9.9", "2001:DB8:0::1"]})").body);
    BOOST_TEST(chosen.at("done").is_null());
    BOOST_TEST(read(folder / "place") == "mode = dns\nservers = 9.9.9.9, 2001:db8::1\n");
    struct stat status{};
    BOOST_REQUIRE(stat((folder / "place").c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0600u);
    BOOST_TEST(get("/api/v1/place") == chosen);

    write(folder / "place.done", "said = no router was found\n");
    BOOST_TEST(get("/api/v1/place").at("done").at("mode").is_null());
    ask("PUT", "/api/v1/place", R"({"mode": "gateway"})");
    BOOST_TEST(read(folder / "place") == "mode = gateway\n");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_used_is_refused_and_changes_nothing, Desk)
{
    write(folder / "place", "mode = gateway\n");
    write(folder / "place.done", "mode = gateway\nsaid = Done.\n");
    for (const auto* wrong :
         {"", "{}", "[]", R"({"mode": "bridge"})", R"({"mode": 1})", R"({"mode": "dns\nservers = 1.1.1.1"})",
          R"({"mode": "dns", "servers": "9.9.9.9"})", R"({"mode": "dns", "servers": ["router"]})",
          R"({"mode": "dns", "servers": ["9.9.9.9\nmode = proxy"]})", R"({"mode": "dns", "servers": ["9.9.9.9:53"]})",
          R"({"mode": "dns", "servers": ["fe80::1%eth0"]})", R"({"mode": "dns", "servers": [9]})",
          R"({"mode": "dns", "servers": ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5"]})",
          R"({"mode": "dns", "server": "9.9.9.9"})"})
        BOOST_TEST(ask("PUT", "/api/v1/place", wrong).status == 400u, wrong);
    BOOST_TEST(read(folder / "place") == "mode = gateway\n");
    BOOST_TEST(get("/api/v1/place").at("done").at("said") == "Done.");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_not_in_order_is_said_and_not_written_over, Desk)
{
    for (const std::string& wrong :
         {std::string{}, std::string("mode = router\n"), std::string("mode=\n"),
          std::string("mode = dns\nservers = ,\n"), std::string("mode = dns\nservers = localhost\n"),
          std::string(5000, '\n') + "mode = dns\n"}) {
        write(folder / "place", wrong);
        const auto reply = ask("GET", "/api/v1/place");
        BOOST_TEST(reply.status == 404u, wrong);
        BOOST_TEST(reply.body.find("cannot be used") != std::string::npos, reply.body);
        BOOST_TEST(ask("PUT", "/api/v1/place", R"({"mode": "dns"})").status == 404u, wrong);
        BOOST_TEST(read(folder / "place") == wrong);
    }
    write(folder / "place", "# by a person\n mode=dns\r\n\tservers = 9.9.9.9,1.1.1.1 \n");
    BOOST_TEST(get("/api/v1/place").at("servers") == json::value({"9.9.9.9", "1.1.1.1"}));
    write(folder / "place.done", "mode = router\nsaid = Done.\n");
    BOOST_TEST(ask("GET", "/api/v1/place").status == 404u);
}

BOOST_AUTO_TEST_SUITE_END()
