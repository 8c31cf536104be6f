// Real lists and real requests, against what four established engines agree on.
#include "rules/ruleset.hpp"
#include "tests/bench/rules_data.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::rules;

namespace {

/// Lines of "line<TAB>verdict".
std::vector<std::pair<std::size_t, bool>> decisions(const std::string& name)
{
    std::vector<std::pair<std::size_t, bool>> all;
    const std::string text = rules_data::read(name);
    std::size_t at = text.find('\n');
    while (at != std::string::npos && at + 1 < text.size()) {
        const std::size_t tab = text.find('\t', at + 1);
        all.emplace_back(std::stoul(text.substr(at + 1, tab - at - 1)),
                         text.compare(tab + 1, 5, "block") == 0 || text[tab + 1] == '1');
        at = text.find('\n', tab);
    }
    return all;
}

void compare(const std::vector<std::string>& lists, const std::string& expected)
{
    if (!rules_data::present()) {
        BOOST_TEST_MESSAGE("skipped: no lists in " << rules_data::folder());
        std::puts("skipped: the recorded requests are not there (PARAVENT_DATA)");
        return;
    }
    std::vector<std::string> texts;
    std::vector<ListSource> sources;
    for (const std::string& list : lists)
        texts.push_back(rules_data::read(list));
    for (std::size_t i = 0; i < lists.size(); ++i)
        sources.push_back({lists[i], "ads", false, false, texts[i]});
    const auto rules = Ruleset::compile(sources);
    const auto requests = rules_data::requests();
    const Rulings rulings = Rulings::all(Action::block);
    const auto known = decisions(expected);
    BOOST_TEST(known.size() > 10'000U);
    std::size_t wrong = 0;
    for (const auto& [line, block] : known) {
        const auto& recorded = requests.at(line - 1);
        const Verdict verdict = rules->decide(recorded.request(rulings));
        if ((verdict.action == Action::block) != block && ++wrong <= 20)
            BOOST_TEST_MESSAGE("line " << line << ": " << recorded.url << " from " << recorded.page_host << " should "
                                       << (block ? "be blocked" : "pass") << "; rule: " << verdict.rule.text);
    }
    BOOST_TEST(wrong == 0U);
}

} // namespace

BOOST_AUTO_TEST_CASE(easylist_and_easyprivacy_decide_as_the_established_engines)
{
    compare({"easylist-202608130520.txt.gz", "easyprivacy-202608130529.txt.gz"}, "decisions-easylist-easyprivacy.tsv");
}

BOOST_AUTO_TEST_CASE(a_hosts_list_decides_as_the_established_engines)
{
    compare({"hosts-140k.txt.gz"}, "decisions-hosts-140k.tsv");
}
