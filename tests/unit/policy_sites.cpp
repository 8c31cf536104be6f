// What is kept for a site: what its pages get where Paravent looks inside, and the hosts to which it repeats what it
// told.
#include "policy_house.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <vector>

using namespace paravent;
using namespace paravent::policy;

namespace {

SiteChange mode_of(std::optional<SiteMode> mode)
{
    SiteChange change;
    change.mode = mode;
    return change;
}

SiteChange block(bool yes)
{
    SiteChange change;
    change.block_gateway = yes;
    return change;
}

const std::string own_gateway = "capig.shop.example", clouds_gateway = "gw-1.eu.cloud.example";

/// A site that is observed, and has been read.
struct Observed : House {
    Observed()
    {
        policy().change_site("shop.example", mode_of(SiteMode::observe));
        policy().note_gateways("www.shop.example", std::vector{own_gateway, clouds_gateway});
    }
    bool blocks(std::string_view page, std::string_view host)
    {
        return policy().meet("192.168.1.20")->sites->blocks(page, host);
    }
    const Site& site()
    {
        kept = policy().sites();
        return *kept->find("shop.example");
    }
    std::shared_ptr<const Sites> kept;
};

struct Candidate {
    const char* host;
    bool can_be;
};
std::ostream& operator<<(std::ostream& out, const Candidate& row)
{
    return out << row.host;
}
const Candidate candidates[] = {
    {"capig.shop.example", true},
    {"gw.other.example", true},
    {"other.example", true},
    {"shop.example", false}, // the shop itself
    {"www.shop.example", false},
    {"graph.facebook.com", false},
    {"x.conversionsapigateway.com", false},
    {"192.0.2.1", false},
    {"2001:db8::1", false},
    {"localhost", false},
    {"Capig.shop.example", false},
    {"", false},
    {"a b.example", false},
    {"a*\".example", false},
};

} // namespace

BOOST_AUTO_TEST_SUITE(sites)

BOOST_FIXTURE_TEST_CASE(a_mode_holds_for_all_pages_of_a_site_and_outlives_the_program, House)
{
    BOOST_TEST((policy().meet("192.168.1.20")->mode_for("shop.example") == SiteMode::report));
    BOOST_TEST(policy().change_site("WWW.Shop.example", mode_of(SiteMode::observe)) == "shop.example");
    policy().change_site("news.example", mode_of(SiteMode::silent));
    for (int life = 0; life < 2; ++life) {
        const auto client = policy().meet("192.168.1.20");
        BOOST_TEST((client->mode_for("shop.example") == SiteMode::observe));
        BOOST_TEST((client->mode_for("cart.shop.example") == SiteMode::observe));
        BOOST_TEST((client->mode_for("news.example") == SiteMode::silent));
        BOOST_TEST((client->mode_for("notshop.example") == SiteMode::report));
        BOOST_TEST((client->mode_for("") == SiteMode::report));
        stop();
    }
    policy().change_site("shop.example", mode_of(std::nullopt));
    BOOST_TEST((policy().meet("192.168.1.20")->mode_for("shop.example") == SiteMode::report));
    BOOST_TEST(policy().sites()->all().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_client_met_before_learns_of_it, House)
{
    policy().meet("192.168.1.20");
    policy().change_site("shop.example", mode_of(SiteMode::silent));
    BOOST_TEST((policy().view()->client("192.168.1.20")->mode_for("shop.example") == SiteMode::silent));
}

BOOST_FIXTURE_TEST_CASE(what_is_no_site_is_refused, House)
{
    for (const char* site : {"", "shop example", "http://shop.example/"})
        BOOST_CHECK_THROW(policy().change_site(site, mode_of(SiteMode::silent)), PolicyError);
    BOOST_TEST(policy().sites()->all().empty());
}

BOOST_FIXTURE_TEST_CASE(a_backup_brings_them_back, Observed)
{
    policy().change_site("shop.example", block(true));
    const auto text = policy().text();
    policy().change_site("shop.example", mode_of(std::nullopt));
    policy().change_site("shop.example", block(false));
    BOOST_TEST(policy().sites()->all().empty());
    policy().restore(text);
    BOOST_TEST((policy().meet("192.168.1.20")->mode_for("shop.example") == SiteMode::observe));
    BOOST_TEST(blocks("", own_gateway));
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

BOOST_FIXTURE_TEST_CASE(a_gateway_is_kept_where_the_site_is_observed_and_nowhere_else, Observed)
{
    policy().note_gateways("other.example", std::vector{own_gateway});
    policy().note_gateways("", std::vector{own_gateway});
    policy().change_site("quiet.example", mode_of(SiteMode::silent));
    policy().note_gateways("quiet.example", std::vector<std::string>{"capig.quiet.example"});
    policy().note_gateways("shop.example", std::vector{clouds_gateway, own_gateway}); // once each
    BOOST_TEST(policy().sites()->find("other.example") == nullptr);
    BOOST_TEST(policy().sites()->find("quiet.example")->gateways.empty());
    const std::vector<Gateway> expected{{own_gateway, false}, {clouds_gateway, false}};
    BOOST_TEST((site().gateways == expected));
    BOOST_TEST(!blocks("", own_gateway));
}

BOOST_FIXTURE_TEST_CASE(the_owner_has_them_blocked_for_the_site_and_where_no_page_is_known, Observed)
{
    const auto before = policy().version();
    policy().change_site("shop.example", block(true));
    BOOST_TEST(policy().version() > before);
    for (int life = 0; life < 2; ++life) {
        for (const auto& host : {own_gateway, clouds_gateway}) {
            BOOST_TEST(blocks("", host));
            BOOST_TEST(blocks("www.shop.example", host));
            BOOST_TEST(!blocks("other.example", host));
        }
        BOOST_TEST(!blocks("www.shop.example", "www.shop.example"));
        BOOST_TEST((site().mode == SiteMode::observe));
        stop();
    }
    policy().change_site("shop.example", mode_of(SiteMode::silent)); // the answer about gateways stays
    BOOST_TEST(blocks("", own_gateway));
    policy().change_site("shop.example", block(false));
    BOOST_TEST(!blocks("", own_gateway));
    BOOST_TEST(site().gateways.size() == 2u);
    policy().change_site("shop.example", mode_of(std::nullopt));
    BOOST_TEST(policy().sites()->find("shop.example") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_host_that_is_named_later_waits_for_the_owner_unless_it_is_the_sites_own, Observed)
{
    policy().change_site("shop.example", block(true));
    policy().note_gateways("shop.example", std::vector<std::string>{"new.shop.example", "www.bank.example"});
    BOOST_TEST(blocks("", "new.shop.example"));
    BOOST_TEST(!blocks("", "www.bank.example"));
    BOOST_TEST(!blocks("shop.example", "www.bank.example"));
    policy().change_site("shop.example", block(true));
    BOOST_TEST(blocks("", "www.bank.example"));
}

BOOST_FIXTURE_TEST_CASE(one_of_two_sites_with_the_same_gateway_is_enough, Observed)
{
    policy().change_site("shop.example", block(true));
    policy().change_site("two.example", mode_of(SiteMode::observe));
    policy().note_gateways("two.example", std::vector{clouds_gateway});
    policy().change_site("two.example", block(true));
    policy().change_site("shop.example", block(false));
    BOOST_TEST(blocks("", clouds_gateway));
    BOOST_TEST(!blocks("shop.example", clouds_gateway));
    BOOST_TEST(!blocks("", own_gateway));
}

BOOST_FIXTURE_TEST_CASE(there_are_so_many_gateways_and_no_more, Observed)
{
    std::vector<std::string> many;
    for (int i = 0; i < 100; ++i)
        many.push_back("g" + std::to_string(i) + ".shop.example");
    policy().note_gateways("shop.example", many);
    BOOST_TEST(site().gateways.size() == most_gateways);
}

BOOST_FIXTURE_TEST_CASE(there_are_so_many_sites_and_no_more, House)
{
    std::string many = R"("sites":{)";
    for (std::size_t i = 0; i < most_sites + 5; ++i)
        many += (i == 0 ? "\"s" : ",\"s") + std::to_string(i) + R"(.example":"silent")";
    auto text = policy().text();
    text.replace(text.find(R"("sites":{})"), 10, many + "}");
    policy().restore(text);
    BOOST_TEST(policy().sites()->all().size() == most_sites);
    BOOST_CHECK_THROW(policy().change_site("new.example", mode_of(SiteMode::silent)), PolicyError);
    BOOST_TEST(policy().change_site("s1.example", mode_of(SiteMode::observe)) == "s1.example");
    BOOST_TEST(policy().change_site("new.example", mode_of(std::nullopt)) == "new.example");
}

BOOST_DATA_TEST_CASE(only_a_name_of_others_can_be_a_gateway, boost::unit_test::data::make(candidates), row)
{
    BOOST_TEST(can_be_gateway("shop.example", row.host) == row.can_be);
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_in_the_file_is_left_out, House)
{
    auto text = policy().text();
    text.replace(text.find(R"("sites":{})"), 10,
                 R"("sites":{"a.example":{"mode":"loud","block_gateway":true,"gateways":["www.facebook.com",7,)"
                 R"("g.a.example"],"blocked_gateways":"all"},"b.example":"silent","c.example":7,)"
                 R"("d.example":{"mode":"observe"}})");
    policy().restore(text);
    const auto kept = policy().sites();
    BOOST_TEST(kept->all().size() == 3u);
    BOOST_TEST((*kept->find("a.example") == Site{std::nullopt, {{"g.a.example", false}}, true}));
    BOOST_TEST((kept->mode_for("b.example") == SiteMode::silent));
    BOOST_TEST((kept->mode_for("d.example") == SiteMode::observe));
}

BOOST_AUTO_TEST_SUITE_END()
