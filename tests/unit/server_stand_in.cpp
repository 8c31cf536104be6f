// What takes the place of what Meta would have answered.
#include "proxy/server/stand_in.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <ostream>
#include <string>

using namespace paravent;
using config::Profile;
using policy::SiteMode;
using rules::Action;
using rules::Type;

namespace {

const rules::Ruleset& own_rules()
{
    static const auto rules = [] {
        std::vector<rules::ListSource> sources;
        for (const auto& list : rules::own_lists())
            if (list.on_by_default)
                sources.push_back({std::string(list.name), std::string(list.name), true, true, list.text});
        return rules::Ruleset::compile(sources);
    }();
    return *rules;
}

policy::Client client_with(Profile profile)
{
    policy::Client client;
    client.device.profile = profile;
    client.rulings = policy::rulings_of(profile, true, false);
    return client;
}

rules::Verdict decided(Profile profile, std::string_view url, std::string_view page = "www.shop.example",
                       bool intercepted = true)
{
    rules::Request request;
    request.url = url;
    request.host = "connect.facebook.net";
    request.page_host = page;
    request.type = Type::script;
    request.intercepted = intercepted;
    return server::decide(own_rules(), client_with(profile), request);
}

struct Sdk {
    Profile profile;
    const char* url;
    const char* page;
    bool intercepted;
    Action action;
};
std::ostream& operator<<(std::ostream& out, const Sdk& row)
{
    return out << config::name_of(row.profile) << ' ' << row.url << " from " << row.page;
}
const Sdk sdks[] = {
    {Profile::standard, "https://connect.facebook.net/en_US/sdk.js", "www.shop.example", true, Action::answer},
    {Profile::standard, "https://connect.facebook.net/de_DE/all.js", "www.shop.example", true, Action::answer},
    {Profile::standard, "https://connect.facebook.net/en_US/sdk.js", "", true, Action::answer},
    {Profile::standard, "https://connect.facebook.net/en_US/sdk.js", "www.facebook.com", true, Action::allow},
    {Profile::standard, "https://connect.facebook.net/en_US/sdk.js?hash=1", "www.shop.example", true, Action::allow},
    {Profile::standard, "https://connect.facebook.net/en_US/sdk/xfbml.customerchat.js", "www.shop.example", true,
     Action::allow},
    {Profile::standard, "http://connect.facebook.net/en_US/sdk.js", "www.shop.example", false, Action::block},
    {Profile::strict, "https://connect.facebook.net/en_US/sdk.js", "www.shop.example", true, Action::block},
    {Profile::log, "https://connect.facebook.net/en_US/sdk.js", "www.shop.example", true, Action::log},
    {Profile::off, "https://connect.facebook.net/en_US/sdk.js", "www.shop.example", true, Action::allow},
};

struct Mark {
    const char* path;
    const char* without; ///< null: it has none
};
std::ostream& operator<<(std::ostream& out, const Mark& row)
{
    return out << row.path;
}
const Mark marks[] = {
    {"/en_US/sdk.js?paravent=clicked", "/en_US/sdk.js"},
    {"/en_US/sdk.js?a=1&paravent=clicked", "/en_US/sdk.js?a=1"},
    {"/en_US/sdk.js?paravent=clicked&b=2", "/en_US/sdk.js?b=2"},
    {"/en_US/sdk.js?a=1&paravent=clicked&b=2&paravent=clicked", "/en_US/sdk.js?a=1&b=2"},
    {"/en_US/sdk.js", nullptr},
    {"/en_US/sdk.js?a=paravent=clicked", nullptr},
    {"/paravent=clicked", nullptr},
    {"", nullptr},
};

} // namespace

BOOST_AUTO_TEST_SUITE(stand_ins)

BOOST_DATA_TEST_CASE(the_script_of_buttons_is_ours_where_buttons_are_allowed, boost::unit_test::data::make(sdks), row)
{
    const auto verdict = decided(row.profile, row.url, row.page, row.intercepted);
    BOOST_TEST((verdict.action == row.action));
    if (verdict.action == Action::answer) {
        BOOST_TEST(verdict.rule.list == "meta");
        const auto& given = server::stand_in(verdict, SiteMode::report, Type::script, "GET");
        BOOST_TEST(given.name == "sdk.js");
        BOOST_TEST(given.body.ends_with("})\n();\n"));
    }
}

BOOST_DATA_TEST_CASE(the_mark_of_a_click_goes_no_further, boost::unit_test::data::make(marks), row)
{
    const auto out = server::without_mark("connect.facebook.net", row.path);
    BOOST_TEST(out.has_value() == (row.without != nullptr));
    if (out && row.without != nullptr)
        BOOST_TEST(*out == row.without);
    BOOST_TEST(!server::without_mark("shop.example", row.path));
}

BOOST_AUTO_TEST_CASE(a_click_counts_for_that_script_alone)
{
    const std::string url = "https://connect.facebook.net/en_US/sdk.js?paravent=clicked";
    BOOST_TEST(server::is_clicked(decided(Profile::standard, url), url));
    BOOST_TEST(!server::is_clicked(decided(Profile::strict, url), "https://connect.facebook.net/en_US/sdk.js"));
    const std::string loader = "https://connect.facebook.net/en_US/fbevents.js?paravent=clicked";
    BOOST_TEST(!server::is_clicked(decided(Profile::standard, loader), loader));
}

BOOST_AUTO_TEST_CASE(a_mode_decides_about_the_pixels_loader_alone)
{
    const auto loader = decided(Profile::standard, "https://connect.facebook.net/en_US/fbevents.js");
    const auto config = decided(Profile::standard, "https://connect.facebook.net/signals/config/1");
    for (const auto& verdict : {loader, config}) {
        BOOST_TEST((server::action_under(SiteMode::report, verdict) == Action::answer));
        BOOST_TEST((server::action_under(SiteMode::silent, verdict) == Action::answer));
        BOOST_TEST((server::action_under(SiteMode::observe, verdict) == Action::log));
    }
    BOOST_TEST(server::is_reporting(loader, SiteMode::report));
    BOOST_TEST(!server::is_reporting(loader, SiteMode::silent));
    BOOST_TEST(!server::is_reporting(config, SiteMode::report));
    BOOST_TEST(server::stand_in(loader, SiteMode::report, Type::script, "GET").reports);
    BOOST_TEST(server::stand_in(loader, SiteMode::silent, Type::script, "GET").body.ends_with("})\n(\"\");\n"));
    BOOST_TEST(server::stand_in(config, SiteMode::report, Type::script, "GET").body.empty());
    BOOST_TEST(server::stand_in(loader, SiteMode::report, Type::script, "OPTIONS").status == 204u);
}

BOOST_AUTO_TEST_CASE(nothing_reports_where_nobody_looks_inside)
{
    auto client = client_with(Profile::standard);
    BOOST_TEST((server::mode_of(client, "shop.example", true) == SiteMode::report));
    BOOST_TEST((server::mode_of(client, "shop.example", false) == SiteMode::silent));
    policy::Sites sites;
    sites.put("shop.example", {SiteMode::observe, {}, false});
    client.sites = std::make_shared<const policy::Sites>(std::move(sites));
    BOOST_TEST((server::mode_of(client, "www.shop.example", true) == SiteMode::observe));
    BOOST_TEST((server::mode_of(client, "", true) == SiteMode::report));
    BOOST_TEST((server::mode_of(client, "www.shop.example", false) == SiteMode::silent));
}

BOOST_AUTO_TEST_CASE(a_sites_gateway_is_judged_by_what_the_profile_does_with_conversions)
{
    policy::Sites sites;
    sites.put("shop.example", {std::nullopt, {{"capig.shop.example", true}}, true});
    for (const auto& [profile, action] :
         {std::pair{Profile::standard, Action::block}, {Profile::strict, Action::block}, {Profile::log, Action::log}}) {
        auto client = client_with(profile);
        client.sites = std::make_shared<const policy::Sites>(sites);
        rules::Request request;
        request.url = "https://capig.shop.example/";
        request.host = "capig.shop.example";
        request.host_only = true;
        const auto verdict = server::decide(own_rules(), client, request);
        BOOST_TEST((verdict.action == action));
        BOOST_TEST(bool(verdict.rule));
        BOOST_TEST(verdict.rule.id == "gateway-of-site");
        request.page_host = "www.other.example";
        BOOST_TEST((server::decide(own_rules(), client, request).action == Action::allow));
    }
}

BOOST_AUTO_TEST_CASE(another_lists_redirect_names_none_of_ours)
{
    const std::string text = "||connect.facebook.net/*/fbevents.js$redirect=fbevents.js\n";
    const std::vector<rules::ListSource> lists{{"theirs", "pixel-loader", false, true, text}};
    const auto rules = rules::Ruleset::compile(lists);
    rules::Request request;
    request.url = "https://connect.facebook.net/en_US/fbevents.js";
    request.host = "connect.facebook.net";
    request.type = Type::script;
    request.intercepted = true;
    const auto verdict = server::decide(*rules, client_with(Profile::standard), request);
    BOOST_TEST(verdict.redirect == "fbevents.js");
    BOOST_TEST(server::stand_in(verdict, SiteMode::report, Type::script, "GET").body.empty());
}

BOOST_AUTO_TEST_SUITE_END()
