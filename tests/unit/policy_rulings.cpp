#include "proxy/policy/policy.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent;
using policy::Profile;

namespace {

/// A letter an action: a(llow), l(og), b(lock), A(nswer); the categories in their order.
std::string letters(const std::array<rules::Action, rules::category_count>& actions)
{
    std::string text;
    for (const rules::Action action : actions)
        text += "albA"[static_cast<std::size_t>(action)];
    return text;
}

struct Row {
    Profile profile;
    bool meta_apps, facebook_login;
    const char* ruling;
    const char* when_not_intercepted;
};

std::ostream& operator<<(std::ostream& out, const Row& row)
{
    return out << config::name_of(row.profile) << " meta_apps " << row.meta_apps << " login " << row.facebook_login;
}

// pixel-event pixel-loader conversions app-events audience-network social-plugin meta-logging login meta-ai other
const Row table[] = {
    {Profile::off, true, false, "aaaaaaaaaa", "aaaaaaaaaa"},
    {Profile::off, false, true, "aaaaaaaaaa", "aaaaaaaaaa"},
    {Profile::log, true, false, "lllllllall", "lllllllall"},
    {Profile::log, false, true, "lllllllall", "lllllllall"},
    {Profile::standard, true, false, "AAbAbaaabb", "Abbabaaabb"},
    {Profile::standard, true, true, "AAbAbaaabb", "Aababaaabb"},
    {Profile::standard, false, false, "AAbAbaaabb", "Abbbbaaabb"},
    {Profile::standard, false, true, "AAbAbaaabb", "Aabbbaaabb"},
    {Profile::strict, true, false, "AAbAbbbabb", "Abbabbbabb"},
    {Profile::strict, true, true, "AAbAbbbabb", "Abbabbbabb"},
    {Profile::strict, false, false, "AAbAbbbabb", "Abbbbbbabb"},
    {Profile::strict, false, true, "AAbAbbbabb", "Abbbbbbabb"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_profile_and_two_answers_decide_each_category, table, row)
{
    const rules::Rulings rulings = policy::rulings_of(row.profile, row.meta_apps, row.facebook_login);
    BOOST_TEST(letters(rulings.ruling) == row.ruling);
    BOOST_TEST(letters(rulings.when_not_intercepted) == row.when_not_intercepted);
}
