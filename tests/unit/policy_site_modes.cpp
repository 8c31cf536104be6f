// What the owner chose for a site's pages, where Paravent looks inside.
#include "policy_house.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent;
using namespace paravent::policy;

BOOST_AUTO_TEST_SUITE(site_modes)

BOOST_FIXTURE_TEST_CASE(a_mode_holds_for_all_pages_of_a_site_and_outlives_the_program, House)
{
    BOOST_TEST((policy().meet("192.168.1.20")->mode_for("shop.example") == SiteMode::report));
    BOOST_TEST(policy().set_site_mode("WWW.Shop.example", SiteMode::observe) == "shop.example");
    policy().set_site_mode("news.example", SiteMode::silent);
    for (int life = 0; life < 2; ++life) {
        const auto client = policy().meet("192.168.1.20");
        BOOST_TEST((client->mode_for("shop.example") == SiteMode::observe));
        BOOST_TEST((client->mode_for("cart.shop.example") == SiteMode::observe));
        BOOST_TEST((client->mode_for("news.example") == SiteMode::silent));
        BOOST_TEST((client->mode_for("notshop.example") == SiteMode::report));
        BOOST_TEST((client->mode_for("") == SiteMode::report));
        stop();
    }
    policy().set_site_mode("shop.example", std::nullopt);
    BOOST_TEST((policy().meet("192.168.1.20")->mode_for("shop.example") == SiteMode::report));
    BOOST_TEST(policy().site_modes()->size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_client_met_before_learns_of_it, House)
{
    policy().meet("192.168.1.20");
    policy().set_site_mode("shop.example", SiteMode::silent);
    BOOST_TEST((policy().view()->client("192.168.1.20")->mode_for("shop.example") == SiteMode::silent));
}

BOOST_FIXTURE_TEST_CASE(what_is_no_site_is_refused_and_the_number_is_bounded, House)
{
    for (const char* site : {"", "shop example", "http://shop.example/"})
        BOOST_CHECK_THROW(policy().set_site_mode(site, SiteMode::silent), PolicyError);
    BOOST_TEST(policy().site_modes()->empty());
}

BOOST_FIXTURE_TEST_CASE(a_backup_brings_them_back, House)
{
    policy().set_site_mode("shop.example", SiteMode::observe);
    const auto text = policy().text();
    policy().set_site_mode("shop.example", std::nullopt);
    policy().restore(text);
    BOOST_TEST((policy().meet("192.168.1.20")->mode_for("shop.example") == SiteMode::observe));
}

BOOST_AUTO_TEST_CASE(each_mode_has_a_name_and_says_what_it_cannot_do)
{
    for (const auto mode : {SiteMode::report, SiteMode::silent, SiteMode::observe}) {
        BOOST_TEST((site_mode_named(name_of(mode)) == mode));
        BOOST_TEST(!sentence_of(mode).empty());
    }
    BOOST_TEST(!site_mode_named("loud"));
    BOOST_TEST(sentence_of(SiteMode::observe).find("only while Paravent looks inside") != std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()
