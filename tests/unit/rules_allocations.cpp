// A decision asks for no memory once its rules have been named for the first time.
#include "rules/parsed_url.hpp"
#include "rules/ruleset.hpp"
#include "tests/bench/allocations.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::rules;

namespace {

constexpr std::string_view list = "||ads.example^\n0.0.0.0 two.example\n/banner/ads/*\n||facebook.com/tr^$image\n"
                                  "||shop.example/*/track$domain=shop.*|~a.shop.example,to=~b.example\n"
                                  "@@||ads.example/ok^$script\n$websocket,domain=shop.example\n"
                                  "||x.example^$redirect=noop.js,third-party\n-pixel-$method=post,~image,3p\n";

constexpr std::string_view urls[] = {
    "https://www.ads.example/x",
    "https://ads.example/ok",
    "https://two.example:443/",
    "https://www.facebook.com/tr/?cd[value]=2&x=%C3%A9",
    "https://cdn.shop.example/a/b/track?q",
    "https://banking.example/",
    "https://x.example/Banner/Ads/1",
    "https://a.example/-pixel-1",
    "http://[2001:db8::1]/x",
};

/// Asks every way once; the hosts are parsed before.
std::size_t ask_all(const Ruleset& rules)
{
    static const Rulings rulings = Rulings::all(Action::block);
    std::size_t letters = 0;
    for (const std::string_view url : urls) {
        const ParsedUrl parsed(url);
        for (const std::string_view page : {"", "www.shop.example", "shop.co.uk"})
            for (const bool host_only : {false, true})
                for (unsigned type = 0; type < 12; ++type) {
                    const Verdict verdict = rules.decide({.url = parsed.text(),
                                                          .host = parsed.host(),
                                                          .page_host = page,
                                                          .type = static_cast<Type>(type),
                                                          .method = type % 2 == 0 ? "GET" : "POST",
                                                          .host_only = host_only,
                                                          .intercepted = false,
                                                          .rulings = &rulings});
                    letters += verdict.rule.text.size() + verdict.rule.id.size() + verdict.redirect.size();
                }
    }
    return letters;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_decision_asks_for_no_memory)
{
    std::vector<ListSource> sources = {{"list", "ads", false, false, list}};
    for (const OwnList& own : own_lists())
        sources.push_back({std::string{own.name}, std::string{own.name}, true, true, own.text});
    const auto rules = Ruleset::compile(sources);
    const std::size_t letters = ask_all(*rules);
    BOOST_TEST(letters > 1000U); // rules decide
    const std::size_t before = allocations();
    const std::size_t again = ask_all(*rules);
    const std::size_t asked = allocations() - before;
    BOOST_TEST(asked == 0U);
    BOOST_TEST(again == letters);
}

BOOST_AUTO_TEST_CASE(the_count_of_allocations_counts)
{
    const std::size_t before = allocations();
    const std::string text(100, 'x');
    BOOST_TEST(allocations() - before >= (text.empty() ? 2U : 1U));
}
