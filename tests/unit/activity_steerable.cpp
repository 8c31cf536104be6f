#include "proxy/activity/event.hpp"
#include "proxy/activity/steerable.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace paravent;

BOOST_AUTO_TEST_SUITE(steerable)

namespace {

std::vector<std::string> names_of(std::string_view text)
{
    const rules::ListSource list{"own", "pixel-event", true, true, text};
    return activity::steerable_names(*rules::Ruleset::compile({&list, 1}));
}

std::vector<std::string> names_of_own_lists()
{
    std::vector<rules::ListSource> lists;
    for (const auto& own : rules::own_lists())
        if (own.on_by_default)
            lists.push_back({std::string(own.name), std::string(own.name), true, true, own.text});
    return activity::steerable_names(*rules::Ruleset::compile(lists));
}

} // namespace

BOOST_AUTO_TEST_CASE(names_are_exact_and_meta_s_and_sorted)
{
    const auto names = names_of_own_lists();
    BOOST_TEST(names.size() > 20u);
    BOOST_TEST(std::ranges::is_sorted(names));
    for (const auto& name : names) {
        BOOST_CHECK_MESSAGE(activity::is_meta(name), name);
        BOOST_CHECK_MESSAGE(activity::is_steerable(name), name);
        BOOST_TEST(name.find('*') == std::string::npos);
    }
    for (const auto* expected : {"www.facebook.com", "connect.facebook.net", "graph.facebook.com", "an.facebook.com"})
        BOOST_CHECK_MESSAGE(std::ranges::find(names, expected) != names.end(), expected);
}

BOOST_AUTO_TEST_CASE(records_are_made_for_what_a_rule_speaks_of_alone)
{
    const std::vector<std::string> loader{"connect.facebook.net"};
    BOOST_TEST(names_of("!: loader A sentence.\n||connect.facebook.net^\n") == loader);
    BOOST_TEST(names_of("||shop.example^\n").empty());
}

BOOST_AUTO_TEST_CASE(what_records_lead_here_stays_known_when_a_list_is_off)
{
    BOOST_TEST(activity::is_steerable("connect.facebook.net"));
    BOOST_TEST(!activity::is_steerable("facebook.net"));
    BOOST_TEST(!activity::is_steerable("x.www.facebook.com"));
    BOOST_TEST(!activity::is_steerable(""));
    BOOST_TEST(!activity::is_steerable("www.facebook.com."));
}

BOOST_AUTO_TEST_SUITE_END()
