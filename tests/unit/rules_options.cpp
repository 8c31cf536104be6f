// Each option that some blocker knows, and what becomes of its rule here: rules/README.md says the same to people.
#include "rules/ruleset.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent::rules;

namespace {

struct Case {
    std::string_view option;
    std::string_view becomes; ///< the reason why the rule is skipped; empty: it is in force
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.option << " -> " << c.becomes;
}

const std::vector<Case> cases = {
    {"3p", ""},
    {"third-party", ""},
    {"~third-party", ""},
    {"1p", ""},
    {"first-party", ""},
    {"strict3p", ""},
    {"strict-third-party", ""},
    {"strict1p", ""},
    {"strict-first-party", ""},
    {"domain=a.example|~b.a.example|shop.*", ""},
    {"from=a.example", ""},
    {"to=a.example", ""},
    {"denyallow=a.example", ""},
    {"domain=/a\\|b/", "regex in domain"},
    {"to=/a/", "regex in domain"},
    {"domain=", "bad value"},
    {"~domain=a.example", "bad value"},
    {"method=get|post", ""},
    {"method=~get", ""},
    {"method=brew", "bad value"},
    {"script,image,img,xmlhttprequest,xhr,fetch", ""},
    {"subdocument,frame,stylesheet,css,font,media", ""},
    {"object,object-subrequest,ping,beacon,websocket,other", ""},
    {"document", ""},
    {"doc", ""},
    {"all", ""},
    {"~script", ""},
    {"script,~script", "bad value"},
    {"important", ""},
    {"match-case", ""},
    {"_", ""},
    {"____,script", ""},
    {"cname", ""},
    {"reason=because", ""},
    {"redirect=noop.js:5", ""},
    {"rewrite=abp-resource:blank-js", ""},
    {"empty", ""},
    {"mp4", ""},
    {"popup", "popup"},
    {"popunder,third-party", "popup"},
    {"popup,script", ""},
    {"inline-script", "page option"},
    {"inline-font", "page option"},
    {"webrtc", "page option"},
    {"elemhide", "page option"},
    {"ehide", "page option"},
    {"generichide", "page option"},
    {"ghide", "page option"},
    {"specifichide", "page option"},
    {"shide", "page option"},
    {"genericblock", "page option"},
    {"jsinject", "page option"},
    {"content", "page option"},
    {"urlblock", "page option"},
    {"extension", "page option"},
    {"stealth", "page option"},
    {"csp=script-src 'none'", "modifier"},
    {"permissions=autoplay=()", "modifier"},
    {"removeparam=fbclid", "modifier"},
    {"queryprune=fbclid", "modifier"},
    {"removeheader=location", "modifier"},
    {"redirect-rule=noop.js", "modifier"},
    {"replace=/a/b/", "modifier"},
    {"cookie=_fbp", "modifier"},
    {"hls=/x/", "modifier"},
    {"jsonprune=\\$.x", "modifier"},
    {"xmlprune=/x", "modifier"},
    {"urltransform=/a/b/", "modifier"},
    {"uritransform=/a/b/", "modifier"},
    {"urlskip=?u", "modifier"},
    {"referrerpolicy=origin", "modifier"},
    {"script,removeparam=x", "modifier"},
    {"header=via:1.1", "reply option"},
    {"ipaddress=192.0.2.1", "address option"},
    {"network", "address option"},
    {"client=127.0.0.1", "device option"},
    {"ctag=device_phone", "device option"},
    {"app=com.example", "device option"},
    {"dnstype=AAAA", "dns option"},
    {"dnsrewrite=192.0.2.1", "dns option"},
    {"not-intercepted", "unknown option"}, // our own lists only
    {"Script", "unknown option"},
    {"new-option", "unknown option"},
    {"script,new-option=x", "unknown option"},
    {"~new-option", "unknown option"},
};

ListReport report_of(std::string_view text)
{
    const ListSource source{"test", "ads", false, false, text};
    std::vector<ListReport> reports;
    Ruleset::compile({&source, 1}, &reports);
    return reports.at(0);
}

Verdict verdict_of(std::string_view list, Type type = Type::script)
{
    static const Rulings rulings = Rulings::all(Action::block);
    static std::vector<std::shared_ptr<const Ruleset>> kept; // verdicts view their ruleset
    const ListSource source{"test", "ads", false, false, list};
    return kept.emplace_back(Ruleset::compile({&source, 1}))
        ->decide({.url = "https://ads.example/x",
                  .host = "ads.example",
                  .page_host = "shop.example",
                  .type = type,
                  .method = "GET",
                  .host_only = false,
                  .intercepted = false,
                  .rulings = &rulings});
}

} // namespace

BOOST_DATA_TEST_CASE(each_option_is_treated_deliberately, cases, c)
{
    ListReport report = report_of("||ads.example/x$" + std::string(c.option) + "\n||ok.example^\n");
    if (c.becomes.empty()) {
        BOOST_TEST(report.rules == 2U);
        BOOST_TEST(report.skipped == 0U);
    } else {
        BOOST_TEST(report.rules == 1U);
        BOOST_TEST(report.skipped == 1U);
        BOOST_TEST(report.skipped_by[std::string(c.becomes)] == 1U);
    }
}

BOOST_AUTO_TEST_CASE(what_a_person_could_mend_is_said_with_its_line)
{
    const ListReport report = report_of("||a.example^$client=kitchen\n||a.example^$new\n||a.example^$removeparam=x\n");
    BOOST_REQUIRE(report.problems.size() == 2U);
    BOOST_TEST(report.problems[0].line == 1U);
    BOOST_TEST(report.problems[0].text ==
               "the option \"client\" names devices or apps, which are told apart by profiles here");
    BOOST_TEST(report.problems[1].line == 2U);
}

BOOST_AUTO_TEST_CASE(an_important_exception_stands_above_important_rules)
{
    const Verdict verdict = verdict_of("||ads.example^$important\n@@||ads.example/x$important\n");
    BOOST_TEST((verdict.action == Action::allow));
    BOOST_TEST(verdict.rule.line == 2U);
    BOOST_TEST(verdict.overrode.line == 1U);
    BOOST_TEST((verdict_of("||ads.example^$important\n@@||ads.example/x\n").action == Action::block));
}

BOOST_AUTO_TEST_CASE(an_exception_that_takes_back_a_redirect_lets_nothing_through)
{
    for (const char* exception : {"@@||ads.example/x$redirect=noop.js", "@@||ads.example/x$redirect",
                                  "@@||ads.example/x$redirect-rule", "@@||ads.example/x$removeparam"})
        BOOST_TEST((verdict_of("||ads.example^\n" + std::string(exception) + "\n").action == Action::block), exception);
}

BOOST_AUTO_TEST_CASE(a_surrogate_is_named_however_it_is_spelled)
{
    BOOST_TEST(verdict_of("||ads.example^$redirect=noop.js:10\n").redirect == "noop.js");
    BOOST_TEST(verdict_of("||ads.example^$rewrite=abp-resource:blank-js\n").redirect == "abp-resource:blank-js");
    BOOST_TEST(verdict_of("||ads.example^$empty\n").redirect == "empty");
    BOOST_TEST(verdict_of("||ads.example^$mp4\n", Type::media).redirect == "noopmp4-1s");
    BOOST_TEST((verdict_of("||ads.example^$mp4\n").action == Action::allow)); // only media
}
