#include "tests/unit/dashboard_desk.hpp"

#include <boost/test/unit_test.hpp>

namespace {

boost::json::array sites(Desk& desk, const std::string& query = "?from=2001-01-01T00:00:00Z")
{
    return desk.get("/api/v1/sites" + query).at("items").as_array();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sites_and_their_modes)

BOOST_AUTO_TEST_CASE(sites_that_told_something_are_shown_with_their_counts_and_mode)
{
    Desk desk;
    for (int i = 0; i < 3; ++i)
        desk.record("PageView", "shop.example");
    desk.record("PageView", "news.example");
    desk.record("PageView", ""); // counted under its destination, which is no site
    const auto shown = sites(desk);
    BOOST_REQUIRE(shown.size() == 2u);
    BOOST_TEST(shown.at(0).at("site").as_string() == "shop.example");
    BOOST_TEST(shown.at(0).at("requests").to_number<int>() == 3);
    BOOST_TEST(shown.at(0).at("answer").to_number<int>() == 3);
    BOOST_TEST(shown.at(0).at("mode").as_string() == "report");
    BOOST_TEST(sites(desk, "?from=2090-01-01T00:00:00Z").empty());
    BOOST_TEST(desk.ask("GET", "/api/v1/sites?by=site").status == 400u);
}

BOOST_AUTO_TEST_CASE(a_mode_is_chosen_shown_and_set_back)
{
    Desk desk;
    desk.record("PageView", "shop.example");
    const auto chosen =
        boost::json::parse(desk.ask("PATCH", "/api/v1/sites/www.shop.example", R"({"mode": "observe"})").body);
    BOOST_TEST(chosen.at("site").as_string() == "shop.example");
    BOOST_TEST(chosen.at("mode").as_string() == "observe");
    BOOST_TEST(chosen.at("mode_text").as_string().find("asked of Meta") != std::string::npos);
    BOOST_TEST(desk.ask("PATCH", "/api/v1/sites/unseen.example", R"({"mode": "silent"})").status == 200u);
    auto shown = sites(desk);
    BOOST_REQUIRE(shown.size() == 2u);
    BOOST_TEST(shown.at(0).at("mode").as_string() == "observe");
    BOOST_TEST(shown.at(1).at("site").as_string() == "unseen.example");
    BOOST_TEST(shown.at(1).at("requests").to_number<int>() == 0);
    for (const char* site : {"shop.example", "unseen.example"})
        BOOST_TEST(desk.ask("PATCH", std::string("/api/v1/sites/") + site, R"({"mode": null})").status == 200u);
    shown = sites(desk);
    BOOST_REQUIRE(shown.size() == 1u);
    BOOST_TEST(shown.at(0).at("mode").as_string() == "report");
}

BOOST_AUTO_TEST_CASE(gateways_are_shown_and_blocked_where_the_owner_agrees)
{
    Desk desk;
    const std::string path = "/api/v1/sites/shop.example";
    BOOST_TEST(desk.ask("PATCH", path, R"({"mode": "observe"})").status == 200u);
    desk.policy->note_gateways("www.shop.example", std::vector<std::string>{"capig.shop.example"});
    const auto spots = [&] {
        boost::json::array found;
        const auto status = desk.get("/api/v1/status");
        for (const auto& spot : status.at("blind_spots").as_array())
            if (spot.at("kind").as_string() == "gateway")
                found.push_back(spot);
        return found;
    };
    auto site = desk.get(path);
    BOOST_TEST(boost::json::serialize(site.at("gateways")) == R"(["capig.shop.example"])");
    BOOST_TEST(!site.at("block_gateway").as_bool());
    BOOST_TEST(site.at("blocked_gateways").as_array().empty());
    BOOST_TEST(site.at("block_gateway_text").as_string().find("every device") != std::string::npos);
    BOOST_REQUIRE(spots().size() == 1u);
    BOOST_TEST(spots().at(0).at("host").as_string() == "capig.shop.example");
    BOOST_TEST(spots().at(0).at("text").as_string().find("--block-gateway yes") != std::string::npos);

    site = boost::json::parse(desk.ask("PATCH", path, R"({"block_gateway": true})").body);
    BOOST_TEST(site.at("block_gateway").as_bool());
    BOOST_TEST(site.at("mode").as_string() == "observe"); // what was not named stays
    BOOST_TEST(boost::json::serialize(site.at("blocked_gateways")) == R"(["capig.shop.example"])");
    BOOST_TEST(spots().empty());
    desk.policy->note_gateways("www.shop.example", std::vector<std::string>{"gw.cloud.example"});
    BOOST_REQUIRE(spots().size() == 1u); // the owner did not see this one
    BOOST_TEST(spots().at(0).at("host").as_string() == "gw.cloud.example");

    for (const char* wrong : {R"({"block_gateway": "yes"})", R"({"block_gateway": 1})", "{}", R"({"gateways": []})"})
        BOOST_TEST(desk.ask("PATCH", path, wrong).status == 400u);
    BOOST_TEST(desk.ask("PATCH", path, R"({"mode": null, "block_gateway": null})").status == 200u);
    BOOST_TEST(sites(desk).empty());
    BOOST_TEST(desk.get(path).at("gateways").as_array().empty());
    BOOST_TEST(desk.ask("GET", "/api/v1/sites/no%20site").status == 400u);
}

BOOST_AUTO_TEST_SUITE_END()
