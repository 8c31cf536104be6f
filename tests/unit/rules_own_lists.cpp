// Paravent's own lists: every rule is hit by a request that was recorded or documented, and nothing that must go on
// working is hit by any.
#include "rules/ruleset.hpp"
#include "tests/bench/rules_data.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <set>

using namespace paravent::rules;

namespace {

std::shared_ptr<const Ruleset> own_rules()
{
    static const std::shared_ptr<const Ruleset> rules = [] {
        std::vector<ListSource> sources;
        for (const OwnList& list : own_lists())
            sources.push_back({std::string{list.name}, std::string{list.name}, true, true, list.text});
        return Ruleset::compile(sources);
    }();
    return rules;
}

struct Case {
    const char* id; ///< of the rule that must decide; empty: none may
    const char* url;
    const char* page = "www.shop.example";
    const char* method = "GET";
    Type type = Type::script;
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.method << ' ' << c.url << " from " << c.page;
}

std::string_view host_of(std::string_view url)
{
    url.remove_prefix(url.find("://") + 3);
    return url.substr(0, url.find_first_of("/?:"));
}

const Rulings block_all = Rulings::all(Action::block);

Request seen_whole(const Case& c)
{
    return {.url = c.url,
            .host = host_of(c.url),
            .page_host = c.page,
            .type = c.type,
            .method = c.method,
            .host_only = false,
            .intercepted = true,
            .rulings = &block_all};
}

const std::vector<Case> hits = {
    {"pixel-event", "https://www.facebook.com/tr/?id=1472749159700779&ev=PageView&cd[value]=2&noscript=1"},
    {"pixel-event", "https://www.facebook.com/tr?id=1&ev=Purchase"},
    {"pixel-event", "https://www.facebook.com/tr/", "shop.example", "POST", Type::ping},
    {"pixel-event", "https://facebook.com/tr", "", "POST", Type::document},
    {"privacy-sandbox", "https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=1&ev=PageView"},
    {"paid-ads-pixel", "https://www.fbsbx.com/paid_ads_pixel/a?b"},
    {"link-decoration", "https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2F&h=AT0", "www.facebook.com", "GET",
     Type::document},
    {"link-decoration", "https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2F&h=AT0", "", "HEAD", Type::other},
    {"link-decoration-mobile", "https://lm.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2F", "m.facebook.com", "GET",
     Type::document},
    {"link-decoration-instagram", "https://l.instagram.com/?u=https%3A%2F%2Fshop.example%2F&e=AT0", "www.instagram.com",
     "GET", Type::document},
    {"fbevents", "https://connect.facebook.net/en_US/fbevents.js"},
    {"fbevents", "https://connect.facebook.net/de_DE/fbevents.js?v=2"},
    {"signals-config", "https://connect.facebook.net/signals/config/1472749159700779?v=2.9.176&r=stable"},
    {"signals-plugins", "https://connect.facebook.net/signals/plugins/identity.js?v=2.9.176"},
    {"signals-plugins", "https://connect.facebook.net/signals/plugins/openbridge3.js"},
    {"signals-iwl", "https://connect.facebook.net/signals/iwl.js?pixel_id=1"},
    {"fbds", "https://connect.facebook.net/en_US/fbds.js"},
    {"pcm", "https://connect.facebook.net/en_US/pcm.js"},
    {"conversions-api", "https://graph.facebook.com/v19.0/1472749159700779/events", "", "POST"},
    {"conversions-api", "https://graph.facebook.com/1472749159700779/events?access_token=x", "", "POST"},
    {"conversions-gateway", "https://gw.conversionsapigateway.com/events"},
    {"app-events", "https://graph.facebook.com/v16.0/123456/activities", "", "POST", Type::other},
    {"app-events", "https://graph.facebook.com/123456/activities?event=MOBILE_APP_INSTALL", "", "POST", Type::other},
    {"audience-network", "https://an.facebook.com/v1/instream/vast.xml?placementid=1"},
    {"audience-network-page", "https://www.facebook.com/audiencenetwork/token/v2/"},
    {"adnw-request", "https://www.facebook.com/adnw_request?placement=1"},
    {"adnw-sync", "https://web.facebook.com/adnw_sync2", "", "POST"},
    {"adnw-sync", "https://www.facebook.com/adnw_sync", "", "POST"},
    {"adnw-logging", "https://www.facebook.com/adnw_logging/", "", "POST"},
    {"an-path", "https://www.facebook.com/an/?x=1"},
    {"network-ads", "https://graph.facebook.com/network_ads_common"},
    {"atlas", "https://cx.atdmt.com/?c=1&f=2&id=1472749159700779"},
    {"pixel-host", "https://pixel.facebook.com/x"},
    {"analytics-host", "https://analytics.facebook.com/x"},
    {"plugins", "https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fshop.example"},
    {"plugins-version", "https://www.facebook.com/v2.10/plugins/page.php"},
    {"login-status", "https://www.facebook.com/x/oauth/status?client_id=1"},
    {"impression", "https://www.facebook.com/impression.php/f1b2c3d4/?api_key=1"},
    {"sdk", "https://connect.facebook.net/en_US/sdk.js#xfbml=1"},
    {"sdk", "https://connect.facebook.net/en_US/sdk.js?hash=1"},
    {"sdk", "https://connect.facebook.net/en_US/sdk.js", ""},
    {"sdk-part", "https://connect.facebook.net/en_US/sdk/xfbml.customerchat.js"},
    {"all-js", "https://connect.facebook.net/en_US/all.js"},
    {"instagram-embed-script", "https://www.instagram.com/embed.js"},
    {"instagram-post", "https://www.instagram.com/p/Abc/embed/captioned/"},
    {"instagram-reel", "https://www.instagram.com/reel/Abc/embed"},
    {"instagram-platform", "https://platform.instagram.com/en_US/embeds.js"},
    {"fb-bz", "https://www.facebook.com/a/bz?__a=1", "www.facebook.com"},
    {"fb-ajax-bz", "https://www.facebook.com/ajax/bz?__a=1", "www.facebook.com"},
    {"fb-ajax-qm", "https://www.facebook.com/ajax/qm/?__a=1", "www.facebook.com"},
    {"fb-ajax-log", "https://www.facebook.com/ajax/photos/log.php", "www.facebook.com"},
    {"fb-ajax-logging", "https://www.facebook.com/ajax/weblite_load_logging/", "www.facebook.com"},
    {"fb-sw-log", "https://www.facebook.com/sw/log/init/", "www.facebook.com"},
    {"fb-xti", "https://www.facebook.com/xti.php?xt=1", "www.facebook.com"},
    {"fb-ai", "https://www.facebook.com/ai.php?ego=1", "www.facebook.com"},
    {"fb-brandlift", "https://www.facebook.com/brandlift.php", "www.facebook.com"},
    {"fb-cavalry", "https://www.facebook.com/common/cavalry_endpoint.php?t=1", "www.facebook.com"},
    {"fb-scribe", "https://www.facebook.com/platform/scribe_endpoint.php/", "www.facebook.com"},
    {"ig-logging", "https://www.instagram.com/logging/falco", "www.instagram.com"},
    {"ig-logging-events", "https://graph.instagram.com/logging_client_events", "www.instagram.com", "POST"},
    {"ig-bz", "https://www.instagram.com/ajax/bz?__d=dis", "www.instagram.com"},
    {"ig-qm", "https://www.instagram.com/ajax/qm/?__a=1", "www.instagram.com"},
    {"wa-wam", "https://web.whatsapp.com/wam", "web.whatsapp.com"},
    {"login-dialog", "https://www.facebook.com/dialog/oauth?client_id=1"},
    {"login-dialog-version", "https://www.facebook.com/v19.0/dialog/oauth?client_id=1"},
    {"login-page", "https://www.facebook.com/login.php?next=x"},
    {"login-token", "https://graph.facebook.com/oauth/access_token"},
    {"login-token-version", "https://graph.facebook.com/v19.0/oauth/access_token"},
    {"login-me", "https://graph.facebook.com/me?fields=id,name"},
    {"login-me-version", "https://graph.facebook.com/v19.0/me?fields=id,name"},
    {"login-instagram", "https://www.instagram.com/oauth/authorize"},
    {"login-instagram-page", "https://www.instagram.com/accounts/login/"},
    {"meta-ai", "https://www.meta.ai/"},
};

const std::vector<Case> misses = {
    {"", "https://www.facebook.com/", "", "GET", Type::document},
    {"", "https://www.facebook.com/travel"},
    {"", "https://www.facebook.com/l.php?u=https%3A%2F%2Fshop.example", "", "GET", Type::document},
    {"", "https://l.facebook.com/", "", "GET", Type::document},
    {"", "https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example", "", "POST", Type::document},
    {"", "https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example", "www.facebook.com", "GET", Type::xmlhttprequest},
    {"", "https://l.instagram.com/legal", "", "GET", Type::document},
    {"", "http://shop.example/?fbclid=1", "www.facebook.com", "GET", Type::document},
    {"", "https://www.facebook.com/tr.php"},
    {"", "https://www.facebook.com/dialog/oauth?client_id=1&redirect_uri=https%3A%2F%2Fshop.example%2Ftr%2F"},
    {"", "https://www.facebook.com/v19.0/dialog/oauth?client_id=1", "", "GET", Type::document},
    {"", "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2F", "", "GET", Type::document},
    {"", "https://www.facebook.com/ajax/login/help.php", "www.facebook.com"},
    {"", "https://m.facebook.com/", "", "GET", Type::document},
    {"", "https://m.facebook.com/login.php", "", "GET", Type::document},
    {"", "https://m.facebook.com/story.php?story_fbid=1", "m.facebook.com"},
    {"", "https://graph.facebook.com/v19.0/oauth/access_token"},
    {"", "https://graph.facebook.com/me?access_token=x"},
    {"", "https://graph.facebook.com/v19.0/me/permissions"},
    {"", "https://graph.facebook.com/", "", "POST", Type::other},
    {"", "https://graph.facebook.com/v19.0/1/events"},
    {"", "https://scontent.xx.fbcdn.net/v/t1/a.jpg"},
    {"", "https://static.xx.fbcdn.net/rsrc.php/v3/y1/r/a.js"},
    {"", "https://scontent.cdninstagram.com/v/t51/a.jpg"},
    {"", "https://media.fra.whatsapp.net/v/a"},
    {"", "https://www.messenger.com/t/1"},
    {"", "https://www.facebook.com/plugins/like.php", "developers.facebook.com"},
    {"", "https://connect.facebook.net/en_US/sdk.js", "developers.facebook.com"},
    {"", "https://www.instagram.com/p/Abc/", "www.instagram.com"},
    {"", "https://www.notfacebook.com/tr/?id=1"},
    {"", "https://shop.example/tr/?to=www.facebook.com/tr/"},
};

/// All rules but those of lists whose names are given.
Verdict decide(const Request& request)
{
    return own_rules()->decide(request);
}

} // namespace

BOOST_DATA_TEST_CASE(each_of_our_rules_is_hit_by_a_documented_request, hits, c)
{
    const Verdict verdict = decide(seen_whole(c));
    BOOST_TEST(verdict.rule.id == c.id);
    BOOST_TEST(verdict.rule.list == "meta");
    BOOST_TEST(!verdict.rule.sentence.empty());
}

BOOST_AUTO_TEST_CASE(no_rule_of_ours_is_left_without_such_a_request)
{
    std::set<std::string_view> tried{"loader-host", "app-events-host"}; // never hit inside; see below
    for (const Case& c : hits)
        tried.insert(c.id);
    std::size_t rules = 0;
    for (const OwnList& list : own_lists()) {
        std::string_view text = list.text;
        for (std::size_t at = text.find("\n!: "); at != std::string_view::npos; at = text.find("\n!: ", at + 1)) {
            const std::string_view id = text.substr(at + 4, text.find(' ', at + 4) - at - 4);
            BOOST_TEST(tried.contains(id), "no request for " << id);
            ++rules;
        }
    }
    BOOST_TEST(rules == own_rules()->size());
    BOOST_TEST(rules == tried.size()); // identifiers are unique
}

BOOST_DATA_TEST_CASE(what_must_go_on_working_is_not_stopped, misses, c)
{
    const Verdict verdict = decide(seen_whole(c));
    BOOST_TEST((verdict.action == Action::allow));
    BOOST_TEST(verdict.overrode.id == "");
    BOOST_TEST((verdict.rule.id == "" || verdict.exception));
}

BOOST_AUTO_TEST_CASE(every_rule_of_ours_has_an_identifier_and_a_sentence)
{
    for (const OwnList& list : own_lists()) {
        std::string_view text = list.text;
        std::string_view before;
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            if (!line.empty() && !line.starts_with('!')) {
                BOOST_TEST(before.starts_with("!: "), list.name << ": " << line);
                const std::string_view id = before.substr(3, before.find(' ', 3) - 3);
                BOOST_TEST((id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == id.npos), id);
                BOOST_TEST(before.ends_with('.'), before);
            }
            before = line;
        }
    }
}

BOOST_AUTO_TEST_CASE(each_of_our_lists_is_named_after_its_category)
{
    for (const OwnList& list : own_lists()) {
        BOOST_TEST((category_named(list.name) != Category::other), list.name);
        BOOST_TEST(list.on_by_default == (list.name != "meta-ai"));
    }
}

BOOST_AUTO_TEST_CASE(a_host_stands_for_its_paths_only_where_nobody_looks_inside)
{
    Case c{"", "https://connect.facebook.net/"};
    Request request = seen_whole(c);
    request.host_only = true;
    request.intercepted = false;
    Verdict verdict = decide(request);
    BOOST_TEST(verdict.rule.id == "loader-host");
    BOOST_TEST((verdict.action == Action::block));
    BOOST_TEST(verdict.needs_inside);

    // plain http: seen whole, and not out of an intercepted connection
    request.host_only = false;
    request.url = "http://connect.facebook.net/en_US/unknown.js";
    BOOST_TEST(decide(request).rule.id == "loader-host");
    request.url = "http://connect.facebook.net/en_US/fbevents.js";
    BOOST_TEST(decide(request).rule.id == "fbevents");
    request.intercepted = true;
    request.url = "https://connect.facebook.net/en_US/unknown.js";
    BOOST_TEST(decide(request).rule.id == "");
}

BOOST_AUTO_TEST_CASE(a_tunnel_to_what_must_go_on_working_is_not_stopped)
{
    for (const std::string_view host :
         {"www.facebook.com", "m.facebook.com", "facebook.com", "scontent.xx.fbcdn.net", "static.xx.fbcdn.net",
          "scontent.cdninstagram.com", "www.instagram.com", "i.instagram.com", "media.fra.whatsapp.net",
          "web.whatsapp.com", "www.messenger.com", "banking.example"}) {
        const std::string url = "https://" + std::string(host) + "/";
        const Verdict verdict = decide({.url = url,
                                        .host = host,
                                        .page_host = {},
                                        .type = Type::other,
                                        .method = "CONNECT",
                                        .host_only = true,
                                        .intercepted = false,
                                        .rulings = &block_all});
        BOOST_TEST(verdict.rule.id == "", host);
    }
}

BOOST_AUTO_TEST_CASE(a_host_rule_for_the_blind_has_a_ruling_of_its_own)
{
    Rulings rulings = block_all;
    rulings.ruling[static_cast<std::size_t>(Category::app_events)] = Action::answer;
    rulings.when_not_intercepted[static_cast<std::size_t>(Category::app_events)] = Action::allow;
    Request request{.url = "https://graph.facebook.com/",
                    .host = "graph.facebook.com",
                    .page_host = {},
                    .type = Type::other,
                    .method = "CONNECT",
                    .host_only = true,
                    .intercepted = false,
                    .rulings = &rulings};
    Verdict verdict = decide(request);
    BOOST_TEST((verdict.action == Action::allow));
    BOOST_TEST(verdict.rule.id == "");
    BOOST_TEST(verdict.needs_inside);
    rulings.when_not_intercepted[static_cast<std::size_t>(Category::app_events)] = Action::block;
    verdict = decide(request);
    BOOST_TEST((verdict.action == Action::block));
    BOOST_TEST(verdict.rule.id == "app-events-host");
}

BOOST_AUTO_TEST_CASE(a_subscribed_list_leaves_the_scope_as_it_was)
{
    // EasyPrivacy where it is there (path rules on 3,554 hosts), and always a list like it.
    std::string theirs = "||tracker.example/pixel\n||shop.example/collect?\n||facebook.com/x\n||a.facebook.net/y^\n";
    if (rules_data::present())
        theirs += rules_data::read("easyprivacy-202608130529.txt.gz");
    std::vector<ListSource> sources;
    for (const OwnList& list : own_lists())
        sources.push_back({std::string{list.name}, std::string{list.name}, true, true, list.text});
    sources.push_back({"easyprivacy", "tracking", false, false, theirs});
    const auto both = Ruleset::compile(sources);
    sources.back().may_intercept = true;
    const auto widened = Ruleset::compile(sources);
    std::size_t hosts = 0;
    std::size_t changed = 0;
    for (std::string_view rest = theirs; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (!line.starts_with("||"))
            continue;
        const std::string_view host = line.substr(2, line.find_first_of("/^$*", 2) - 2);
        ++hosts;
        BOOST_TEST_CONTEXT(host)
        BOOST_CHECK_EQUAL(both->in_scope(host), own_rules()->in_scope(host));
        changed += widened->in_scope(host) != both->in_scope(host) ? 1U : 0U;
    }
    BOOST_TEST(hosts >= 4U);
    BOOST_TEST(changed >= 3U); // the same list would widen it where the owner had marked it
}

BOOST_AUTO_TEST_CASE(the_scope_is_the_hosts_of_our_path_rules)
{
    for (const char* host : {"www.facebook.com", "facebook.com", "connect.facebook.net", "graph.facebook.com",
                             "www.instagram.com", "web.whatsapp.com", "m.facebook.com", "www.fbsbx.com"})
        BOOST_TEST(own_rules()->in_scope(host), host);
    for (const char* host : {"atdmt.com", "cx.atdmt.com", "gw.conversionsapigateway.com", "static.xx.fbcdn.net",
                             "meta.ai", "www.meta.ai", "facebook.net", "com", "notfacebook.com", "whatsapp.com", ""})
        BOOST_TEST(!own_rules()->in_scope(host), host);
}
