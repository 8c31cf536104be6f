// The syntax of lists, line by line, and what each of it decides.
#include "rules/packed_host.hpp"
#include "rules/regexes.hpp"
#include "rules/ruleset.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>

using namespace paravent::rules;

namespace {

const Rulings block_all = Rulings::all(Action::block);

std::shared_ptr<const Ruleset> rules_of(std::string_view text, ListReport* report = nullptr, bool may_intercept = false)
{
    const ListSource source{"test", "ads", false, may_intercept, text};
    std::vector<ListReport> reports;
    auto rules = Ruleset::compile({&source, 1}, &reports);
    if (report != nullptr)
        *report = reports.at(0);
    return rules;
}

std::string_view host_of(std::string_view url)
{
    url.remove_prefix(url.find("://") + 3);
    return url.substr(0, url.find_first_of("/?:"));
}

Request request_for(std::string_view url, std::string_view page = "page.example", Type type = Type::script,
                    std::string_view method = "GET")
{
    return {.url = url,
            .host = host_of(url),
            .page_host = page,
            .type = type,
            .method = method,
            .host_only = false,
            .intercepted = false,
            .rulings = &block_all};
}

Request tunnel_to(std::string_view url)
{
    Request request = request_for(url, "", Type::other, "CONNECT");
    request.host_only = true;
    return request;
}

struct Case {
    const char* list;
    bool blocks;
    const char* url;
    const char* page = "page.example";
    Type type = Type::script;
    const char* method = "GET";
};

std::ostream& operator<<(std::ostream& os, const Case& c)
{
    return os << c.list << " | " << c.url << " from " << c.page << ' ' << name_of(c.type);
}

const std::vector<Case> cases = {
    // forms
    {"0.0.0.0 ads.example", true, "https://x.ads.example/"},
    {"127.0.0.1\tads.example # a comment", true, "https://ads.example/"},
    {"::1 one.example ads.example", true, "https://ads.example/", "", Type::document},
    {"ads.example", true, "https://ads.example/", "", Type::document},
    {"ads.example", false, "https://notads.example/"},
    {"ADS.Example", true, "https://ads.example/"},
    {"m\xc3\xbcnchen.example", true, "https://xn--mnchen-3ya.example/"},
    {"||m\xc3\xbcnchen.example/a", true, "https://xn--mnchen-3ya.example/a"},
    {"\xef\xbb\xbf||ads.example^\r\n", true, "https://ads.example/"},
    {"! ||ads.example^\n# ads.example\n[ads.example]", false, "https://ads.example/"},
    // patterns
    {"||ads.example^", true, "http://ads.example:8080/x"},
    {"||ads.example/", false, "http://ads.example:8080/x"},
    {"||example/x", true, "https://ads.example/xy"},
    {"||ads.", true, "https://www.ads.example/"},
    {"||ds.example^", false, "https://ads.example/"},
    {"|https://a", true, "https://ads.example/"},
    {"|http://a", false, "https://ads.example/"},
    {".gif|", true, "https://a.example/x.gif"},
    {".gif|", false, "https://a.example/x.gif?1"},
    {"/tr^", true, "https://a.example/tr"},
    {"/tr^", true, "https://a.example/tr/"},
    {"/tr^", false, "https://a.example/tr-1"},
    {"/tr^^", true, "https://a.example/tr"},
    {"/a*c", true, "https://a.example/abbbc"},
    {"/a*c|", false, "https://a.example/abc/"},
    {"/BANNER/*", true, "https://a.example/banner/1"},
    {"/BANNER/*$match-case", false, "https://a.example/banner/1"},
    {"/BANNER/*$match-case", true, "https://a.example/BANNER/1"},
    {"/cd[value]=", true, "https://www.facebook.com/tr?a/cd[value]=2"},
    {"/ba[n]+er\\d/", true, "https://a.example/x/BAnner7"},
    {"/banner\\d/$match-case", false, "https://a.example/BANNER7"},
    {"/\\/ads\\/[a-z]{3}$/$image", true, "https://a.example/ads/xyz", "page.example", Type::image},
    {"/a$b/$image", false, "https://a.example/a", "page.example", Type::image},
    // options
    {"||a.example^$third-party", true, "https://a.example/"},
    {"||a.example^$third-party", false, "https://a.example/", "www.a.example"},
    {"||a.example^$third-party", false, "https://a.example/", ""},
    {"||a.example^$~third-party", true, "https://a.example/", "www.a.example"},
    {"||a.example^$1p", false, "https://a.example/", ""},
    {"||a.example^$strict3p", true, "https://a.example/", "www.a.example"},
    {"||a.example^$strict1p", true, "https://a.example/", "a.example"},
    {"/x$script", false, "https://a.example/x", "p.example", Type::image},
    {"/x$~script", false, "https://a.example/x"},
    {"/x$~script", true, "https://a.example/x", "p.example", Type::image},
    {"/x$xhr,ping", true, "https://a.example/x", "p.example", Type::xmlhttprequest},
    {"/x$script", true, "https://a.example/x"},
    {"/xy", false, "https://a.example/xy", "", Type::document},
    {"/xy$all", true, "https://a.example/xy", "", Type::document},
    {"/xy$document", true, "https://a.example/xy", "", Type::document},
    {"/xy$document", false, "https://a.example/xy"},
    // Following a link to a host is no load of that page.
    {"||a.example^", true, "https://a.example/", "p.example", Type::document},
    {"||a.example^$third-party", false, "https://a.example/", "p.example", Type::document},
    {"||a.example^$domain=p.example", false, "https://a.example/", "p.example", Type::document},
    {"||a.example^$domain=~q.example", false, "https://a.example/", "p.example", Type::document},
    {"||a.example^$document,third-party", true, "https://a.example/", "p.example", Type::document},
    {"||a.example^\n@@||a.example^$third-party", false, "https://a.example/", "p.example", Type::document},
    {"/xy$method=post|put", true, "https://a.example/xy", "p.example", Type::script, "PUT"},
    {"/xy$method=~get", false, "https://a.example/xy"},
    {"/xy$domain=p.example", true, "https://a.example/xy", "www.p.example"},
    {"/xy$domain=p.example", false, "https://a.example/xy", ""},
    {"/xy$from=P.example|~www.p.example", false, "https://a.example/xy", "www.p.example"},
    {"/xy$domain=~p.example", false, "https://a.example/xy", "p.example"},
    {"/xy$domain=~p.example|www.p.example", false, "https://a.example/xy", "www.p.example"}, // what excludes wins
    {"/xy$domain=p.example|~www.p.example|x.www.p.example", false, "https://a.example/xy", "x.www.p.example"},
    {"/xy$domain=p.example|~www.p.example", true, "https://a.example/xy", "cdn.p.example"},
    {"/xy$domain=~p.example", true, "https://a.example/xy", "q.example"},
    {"/xy$domain=shop.*", true, "https://a.example/xy", "www.shop.co.uk"},
    {"/xy$domain=shop.*", false, "https://a.example/xy", "www.shop.a.co.uk"},
    {"$script,domain=p.example", true, "https://a.example/", "p.example"},
    {"/xy$to=a.example", false, "https://b.example/xy"},
    {"*$script,domain=p.example,denyallow=a.example", false, "https://x.a.example/", "p.example"},
    {"*$script,domain=p.example,denyallow=a.example", true, "https://x.b.example/", "p.example"},
    {"/xy$redirect=noop.js:10", true, "https://a.example/xy"},
    {"/xy$redirect-rule=noop.js", false, "https://a.example/xy"},
    {"/xy$removeparam=utm", false, "https://a.example/xy"},
    {"/xy$csp=script-src 'none'", false, "https://a.example/xy"},
    {"/xy$popup", false, "https://a.example/xy"},
    {"/xy$new-option", false, "https://a.example/xy"},
    {"/xy$not-intercepted", false, "https://a.example/xy"},
    // order
    {"/xy\n@@/xy$script", false, "https://a.example/xy"},
    {"/xy$important\n@@/xy$script", true, "https://a.example/xy"},
    {"/xy$script,3p\n/xy$third-party,script,badfilter", false, "https://a.example/xy"},
    {"||a.example^\n||a.example^$badfilter", false, "https://a.example/"},
    {"0.0.0.0 a.example\n||a.example^$badfilter", false, "https://a.example/"},
    // what is no rule about requests
    {"##.ad\na.example##.ad\n#@#.ad\na.example#?#.ad\n", false, "https://a.example/.ad"},
    {"a.example##+js(set, x, 1)\na.example#%#//x\na.example$$script[a]", false, "https://a.example/"},
    {"*", false, "https://a.example/"},
    {"/", false, "https://a.example/"},
    {"//", false, "https://a.example/"},
    {"://", false, "https://a.example/"},
    {"http", false, "https://a.example/"},
    {"|HTTPS://*", false, "https://a.example/"},
    {"h*s^", false, "https://a.example/"},
    {"^^/", false, "https://a.example/"},
    {"//a", true, "https://a.example/"},
    {"//$script", true, "https://a.example/"},
    {"https|", true, "https://a.example/https"},
    {"|https://a", true, "https://a.example/"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_list_decides_as_its_syntax_says, cases, c)
{
    const auto rules = rules_of(c.list);
    BOOST_TEST((rules->decide(request_for(c.url, c.page, c.type, c.method)).action == Action::block) == c.blocks);
}

BOOST_AUTO_TEST_CASE(a_verdict_names_list_line_and_text_and_what_was_set_aside)
{
    const auto rules = rules_of("! head\n||ads.example^\n0.0.0.0 two.example\n\n  @@||ads.example/ok^  \n");
    Verdict verdict = rules->decide(request_for("https://ads.example/x"));
    BOOST_TEST(verdict.rule.list == "test");
    BOOST_TEST(verdict.rule.id == "2");
    BOOST_TEST(verdict.rule.line == 2U);
    BOOST_TEST(verdict.rule.text == "||ads.example^");
    BOOST_TEST(!verdict.overrode);
    verdict = rules->decide(request_for("https://two.example/x"));
    BOOST_TEST(verdict.rule.line == 3U);
    BOOST_TEST(verdict.rule.text == "0.0.0.0 two.example");
    verdict = rules->decide(request_for("https://ads.example/ok"));
    BOOST_TEST(verdict.exception);
    BOOST_TEST((verdict.action == Action::allow));
    BOOST_TEST(verdict.rule.line == 5U);
    BOOST_TEST(verdict.rule.text == "@@||ads.example/ok^");
    BOOST_TEST(verdict.overrode.line == 2U);
}

BOOST_AUTO_TEST_CASE(of_equal_rules_the_first_by_list_then_line_is_named)
{
    const ListSource lists[] = {{"a", "ads", false, false, "\n/xyz/\n||x.example^\n"},
                                {"b", "ads", false, false, "||x.example^\n/xyz/*\n"}};
    const auto rules = Ruleset::compile(lists);
    BOOST_TEST(rules->decide(request_for("https://x.example/xyz/")).rule.file == "a");
    BOOST_TEST(rules->decide(request_for("https://x.example/xyz/")).rule.line == 2U);
    BOOST_TEST(rules->size() == 4U);
}

BOOST_AUTO_TEST_CASE(only_rules_for_the_whole_host_judge_a_tunnel)
{
    const auto rules =
        rules_of("||a.example^\n||b.example/x\n||c.example^$third-party\n||d.example^$script\n"
                 "||e.example^$all\n@@||a.example/ok\n@@||whole.a.example^\n/tr/\n||f.example^$all,3p\n");
    const auto tunnel = [&](std::string_view url) { return rules->decide(tunnel_to(url)); };
    BOOST_TEST((tunnel("https://a.example/").action == Action::block));
    BOOST_TEST(tunnel("https://a.example/").needs_inside); // the exception for a path
    BOOST_TEST((tunnel("https://whole.a.example/").action == Action::allow));
    BOOST_TEST(tunnel("https://whole.a.example/").overrode.line == 1U);
    for (const char* url : {"https://b.example/", "https://c.example/", "https://d.example/", "https://f.example/"}) {
        BOOST_TEST((tunnel(url).action == Action::allow), url);
        BOOST_TEST(tunnel(url).needs_inside, url);
    }
    BOOST_TEST((tunnel("https://e.example/").action == Action::block));
    BOOST_TEST(!tunnel("https://e.example/").needs_inside);
    BOOST_TEST(!tunnel("https://other.example/").needs_inside);
    BOOST_TEST(!rules->decide(request_for("https://b.example/")).needs_inside);
}

BOOST_AUTO_TEST_CASE(a_category_that_is_allowed_is_not_asked_but_exceptions_are)
{
    const auto rules = rules_of("||a.example^\n||b.example/x\n@@/ok/\n");
    const Rulings nothing = Rulings::all(Action::allow);
    Request request = request_for("https://a.example/");
    request.rulings = &nothing;
    BOOST_TEST(!rules->decide(request).rule);
    request = request_for("https://a.example/ok/");
    request.rulings = &nothing;
    BOOST_TEST(rules->decide(request).exception);
    request = tunnel_to("https://b.example/");
    request.rulings = &nothing;
    BOOST_TEST(!rules->decide(request).needs_inside);
    Rulings log = nothing;
    log.ruling[static_cast<std::size_t>(Category::other)] = Action::log;
    request.rulings = &log;
    BOOST_TEST(rules->decide(request).needs_inside);
}

BOOST_AUTO_TEST_CASE(only_lists_that_may_widen_the_scope)
{
    const std::string_view text = "||a.example/x\n||b.example^\n@@||c.example/x\n||d.example^*/x\n||*.e.example/x\n";
    const auto theirs = rules_of(text);
    const auto marked = rules_of(text, nullptr, true);
    for (const char* host : {"a.example", "www.a.example", "d.example"}) {
        BOOST_TEST(!theirs->in_scope(host), host);
        BOOST_TEST(marked->in_scope(host), host);
    }
    for (const char* host : {"b.example", "c.example", "e.example", "example"})
        BOOST_TEST(!marked->in_scope(host), host);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_used_is_counted_and_said)
{
    ListReport report;
    const auto rules =
        rules_of("##.x\n||a.example^$new\n/(?!x)a/\n||a.example^$csp=x\n||a b^\n*\n||ok.example^\n", &report);
    BOOST_TEST(report.rules == 1U);
    BOOST_TEST(rules->size() == 1U);
    BOOST_TEST(report.skipped == 6U);
    BOOST_TEST(report.skipped_by["cosmetic"] == 1U);
    BOOST_TEST(report.skipped_by["unknown option"] == 1U);
    BOOST_TEST(report.skipped_by["bad regex"] == 1U);
    BOOST_TEST(report.skipped_by["modifier"] == 1U);
    BOOST_TEST(report.problems.size() == 4U);
    BOOST_TEST(report.problems[0].line == 2U);
    BOOST_TEST(report.problems[0].text == "the option \"new\" is not known");
}

BOOST_AUTO_TEST_CASE(a_line_of_prose_is_reported_with_its_place)
{
    // Also what an old Mac wrote, and a web page that was saved as a list.
    ListReport report;
    rules_of("||ok.example^\nblock all the ads\n||a.example^\r||b.example^\r\n<!DOCTYPE html>\n", &report);
    BOOST_TEST(report.rules == 1U);
    BOOST_TEST(report.skipped_by["blanks or binary"] == 3U);
    BOOST_REQUIRE(report.problems.size() == 3U);
    BOOST_TEST(report.problems[0].line == 2U);
    BOOST_TEST(report.problems[0].text == "a rule has no blanks or control characters");
}

BOOST_AUTO_TEST_CASE(monstrous_input_is_bounded)
{
    ListReport report;
    std::string text(100'000'000, 'x');
    text += "\n||ok.example^\n" + std::string(3000, 'y') + "\n" + std::string(1000, '\0') + "\n\xff\xfe\xfd.\xff\n";
    const auto rules = rules_of(text, &report);
    BOOST_TEST((rules->decide(request_for("https://ok.example/")).action == Action::block));
    BOOST_TEST(report.skipped_by["too long"] == 2U);
    BOOST_TEST(report.skipped_by["blanks or binary"] == 1U); // zeros
    BOOST_TEST(report.skipped_by["bad host"] == 1U);         // no UTF-8
    BOOST_TEST(report.skipped == 4U);

    std::string regexes;
    for (int i = 0; i < 300; ++i)
        regexes += "/(((a{1,30}){1,30}){1,30}){1,30}/\n";
    rules_of(regexes, &report);
    BOOST_TEST(report.skipped == 300U);
    BOOST_TEST(report.problems.size() == 100U);
}

BOOST_AUTO_TEST_CASE(a_url_is_read_as_a_browser_sends_it)
{
    const auto rules = rules_of("||facebook.com/tr^\n/cd[value]=2|\n");
    Request request = request_for("https://WWW.Facebook.COM/tr/?cd[value]=2");
    request.host = "www.facebook.com";
    BOOST_TEST(rules->decide(request).rule.line == 1U);
    request = request_for("https://www.facebook.com:443/tr?x=%5B|\xc3\xa9");
    BOOST_TEST(rules->decide(request).rule.line == 1U);
    request = request_for("https://[2001:db8::1]/cd[value]=2");
    request.host = "2001:db8::1";
    BOOST_TEST(rules->decide(request).rule.line == 2U);
    const std::string longest = "https://www.facebook.com/tr?" + std::string(200'000, 'a');
    BOOST_TEST(rules->decide(request_for(longest)).rule.line == 1U);
}

BOOST_AUTO_TEST_CASE(a_packed_host_is_the_same_when_unpacked)
{
    for (const std::string host :
         {"a", "www.facebook.com", "metrics.shop.example", "-._0", "x--y.co.uk", "zooplus.it"}) {
        std::array<char, 256> packed{};
        std::array<char, unpacked_room> unpacked{};
        const std::size_t size = pack_host(host, packed.data());
        BOOST_TEST(size <= host.size());
        BOOST_TEST(std::string_view(unpacked.data(), unpack_host({packed.data(), size}, unpacked.data())) == host);
    }
    const std::string longest(longest_host_name, 'm');
    std::array<char, 256> packed{};
    std::array<char, unpacked_room> unpacked{};
    const std::size_t size = pack_host(longest, packed.data());
    BOOST_TEST(std::string_view(unpacked.data(), unpack_host({packed.data(), size}, unpacked.data())) == longest);
}

BOOST_AUTO_TEST_CASE(a_host_with_letters_that_cannot_be_packed_is_kept_as_it_is)
{
    std::array<char, 256> packed{};
    BOOST_TEST(pack_host("ads(.example", packed.data()) == 0U);
    // Each parenthesis would be unpacked as eight letters.
    const std::string host = "six." + std::string(60, '(') + ".example";
    const auto rules = rules_of("0.0.0.0 " + host + "\n||*$badfilter\n||x.example^\n");
    const Verdict verdict = rules->decide(request_for("https://" + host + "/"));
    BOOST_TEST(verdict.rule.text == "0.0.0.0 " + host);
    BOOST_TEST(rules->decide(request_for("https://x.example/")).rule.line == 3U);
}

BOOST_AUTO_TEST_CASE(the_certain_pieces_of_an_expression_are_in_all_it_matches)
{
    using Pieces = std::vector<std::string>;
    BOOST_TEST((certain_pieces(R"(\/ads\/.*x)") == Pieces{"/ads/", "x"}));
    BOOST_TEST((certain_pieces("ab?c") == Pieces{"a", "c"}));
    BOOST_TEST((certain_pieces("(a|b)cd+e[f]g{0,1}h") == Pieces{"cd", "e", "h"}));
    BOOST_TEST((certain_pieces("a|b") == Pieces{}));
    BOOST_TEST((certain_pieces(R"(x\dy)") == Pieces{"x", "y"}));
    BOOST_TEST((certain_pieces(R"(\Qa|b\E)") == Pieces{}));
    BOOST_TEST((certain_pieces("[]x]y(") == Pieces{"y"}));
}
