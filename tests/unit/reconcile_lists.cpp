#include "proxy/reconcile/reconcile.hpp"

#include "proxy/reconcile/company.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace paravent;
using namespace paravent::reconcile;

namespace {

constexpr std::int64_t day_s = 24 * 3600, day_ms = day_s * 1000;
constexpr Day start = 20'000; // 2024-10-04

activity::ExportRow company(const char* name, const char* account,
                            std::initializer_list<std::pair<Day, std::uint32_t>> days,
                            const std::string& type = "PURCHASE")
{
    activity::ExportRow row;
    row.name = name;
    row.account = account;
    row.first_s = days.begin()->first * day_s + 3600;
    for (const auto& [day, events] : days) {
        activity::count(row.days, day, events);
        activity::count(row.months, activity::month_of(day * day_s), events);
        row.types[type] += events;
        row.last_s = day * day_s + 7200;
    }
    return row;
}

statistics::Detail event(const char* site, const char* account, Day day, rules::Action verdict,
                         const char* name = "Purchase", activity::Product product = activity::Product::pixel)
{
    statistics::Detail detail;
    detail.time_ms = day * day_ms + 5000;
    detail.site = site;
    detail.account = account;
    detail.verdict = verdict;
    detail.name = name;
    detail.product = product;
    detail.rule = "meta/pixel-event";
    return detail;
}

struct Home {
    TellTale seen;
    activity::MetaExport meta;
    std::optional<std::int64_t> listed_ms = (start + 60) * day_ms;

    Reconciliation result()
    {
        const auto begin = seen.all().events > 0 ? std::optional(seen.all().first_ms) : std::nullopt;
        return reconcile::reconcile(meta, std::move(seen).told(), {begin, listed_ms});
    }
};

constexpr auto stopped = rules::Action::answer, passed = rules::Action::allow;

std::uint64_t of(const Row& row, Reason reason)
{
    return row.reasons[static_cast<std::size_t>(reason)];
}

} // namespace

BOOST_AUTO_TEST_SUITE(reconciling)

BOOST_AUTO_TEST_CASE(what_was_let_through_and_is_in_metas_list_is_found_by_its_account)
{
    Home home;
    for (int i = 0; i < 3; ++i)
        home.seen.add(event("shop.example", "111", start, passed));
    home.meta.rows.push_back(company("A name that says nothing", "111", {{start, 2}, {start + 1, 1}}));
    const auto result = home.result();
    BOOST_REQUIRE(result.let_through.rows.size() == 1u);
    const auto& row = result.let_through.rows.front();
    BOOST_TEST(row.site == "shop.example");
    BOOST_TEST(row.name == "A name that says nothing");
    BOOST_TEST(!row.probably);
    BOOST_TEST(row.tally.events == 3u);
    BOOST_TEST(row.in_meta == 3u);
    BOOST_TEST(row.rules.front() == "meta/pixel-event");
    BOOST_TEST(row.types.front() == "PURCHASE");
    BOOST_TEST(result.elsewhere.rows.empty());
    BOOST_TEST(result.stopped.rows.empty());
    BOOST_TEST(result.only_here.rows.empty());
}

BOOST_AUTO_TEST_CASE(each_event_of_metas_has_one_counterpart_at_most_and_the_rest_came_another_way)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, passed));
    home.seen.add(event("shop.example", "111", start + 10, passed));
    home.meta.rows.push_back(company("shop.example", "111", {{start, 5}, {start + 5, 1}, {start + 11, 1}}));
    const auto result = home.result();
    BOOST_REQUIRE(result.elsewhere.rows.size() == 1u);
    const auto& row = result.elsewhere.rows.front();
    BOOST_TEST(row.tally.events == 5u); // four of the first day, and that of a day on which nothing passed
    BOOST_TEST(row.tally.first_ms == (start * day_s + 3600) * 1000);
    BOOST_TEST(row.tally.last_ms < (start + 6) * day_ms);
    BOOST_TEST(of(row, Reason::other) == 5u);
    BOOST_TEST(row.let_through == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_one_events_counterpart_is_not_the_next_days_as_well)
{
    Home home;
    for (int i = 0; i < 3; ++i)
        home.seen.add(event("shop.example", "111", start, passed));
    home.meta.rows.push_back(company("shop.example", "111", {{start, 2}, {start + 1, 2}}));
    const auto result = home.result();
    BOOST_REQUIRE(result.elsewhere.rows.size() == 1u);
    BOOST_TEST(result.elsewhere.rows.front().tally.events == 1u);
}

BOOST_AUTO_TEST_CASE(why_an_event_came_another_way)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, stopped));
    home.seen.add(event("shop.example", "111", start + 3, stopped));
    home.meta.rows.push_back(company("shop.example", "111", {{start - 40, 7}, {start + 4, 2}, {start + 20, 3}}));
    home.meta.rows.push_back(company("A game", "222", {{start + 1, 4}}, "ACTIVATE_APP"));
    const auto result = home.result();
    BOOST_REQUIRE(result.elsewhere.rows.size() == 2u);
    const auto& shop = result.elsewhere.rows[0];
    BOOST_TEST(of(shop, Reason::before) == 7u);
    BOOST_TEST(of(shop, Reason::same_day) == 2u);
    BOOST_TEST(of(shop, Reason::other) == 3u);
    const auto& game = result.elsewhere.rows[1];
    BOOST_TEST(of(game, Reason::app) == 4u);
    BOOST_REQUIRE(result.stopped.rows.size() == 1u);
    BOOST_TEST(result.stopped.rows[0].tally.events == 2u);
    BOOST_TEST(result.stopped.rows[0].in_meta == 5u); // not what is older than anything seen
    BOOST_TEST(result.only_here.rows.empty());
}

BOOST_AUTO_TEST_CASE(what_meta_does_not_list_is_only_here)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, stopped));
    home.seen.add(event("other.example", "333", start, passed));
    const auto result = home.result();
    BOOST_TEST(result.only_here.rows.size() == 2u);
    BOOST_TEST(result.stopped.rows.size() == 1u);
    BOOST_TEST(result.let_through.rows.empty());
    BOOST_TEST(result.elsewhere.rows.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_missed_in_a_list_that_is_older_or_not_there)
{
    for (const bool there : {true, false}) {
        Home home;
        home.listed_ms = there ? std::optional(start * day_ms + 4999) : std::nullopt;
        home.seen.add(event("shop.example", "111", start, passed));
        const auto result = home.result();
        BOOST_TEST(result.only_here.rows.empty());
        BOOST_TEST(result.let_through.rows.empty());
    }
}

BOOST_AUTO_TEST_CASE(what_meta_lists_from_before_is_no_word_of_what_was_let_through)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, passed));
    home.meta.rows.push_back(company("shop.example", "111", {{start - 40, 7}}));
    const auto result = home.result();
    BOOST_TEST(result.let_through.rows.empty());
    BOOST_TEST(result.only_here.rows.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_last_days_are_counted_where_all_of_them_were_kept_here)
{
    activity::MetaExport meta;
    meta.rows.push_back(company("shop.example", "111", {{start - 10, 7}, {start, 2}}));
    BOOST_TEST((elsewhere_lately(meta, {}, (start - 40) * day_ms) == 9u));
    BOOST_TEST((elsewhere_lately(meta, {}, (start - 29) * day_ms) == 9u));
    BOOST_TEST(!elsewhere_lately(meta, {}, (start - 28) * day_ms).has_value());
    BOOST_TEST(!elsewhere_lately(meta, {}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(without_an_account_in_common_the_name_joins_and_says_probably)
{
    for (const auto* name : {"Le Monde", "lemonde.fr", "LeMonde.fr, Inc.", "lemonde.com", "www.lemonde.fr",
                             "LE MONDE S.A.S.", "LeMonde SAS"}) {
        Home home;
        home.seen.add(event("lemonde.fr", "111", start, passed));
        home.meta.rows.push_back(company(name, "999", {{start, 1}}));
        const auto result = home.result();
        BOOST_TEST_CONTEXT(name)
        {
            const bool by_name = std::string_view(name) != "LE MONDE S.A.S.";
            BOOST_TEST(result.let_through.rows.size() == (by_name ? 1u : 0u));
            if (by_name)
                BOOST_TEST(result.let_through.rows.front().probably);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_name_does_not_take_what_an_account_claims)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, passed));
    home.meta.rows.push_back(company("shop.example", "222", {{start, 1}}));
    home.meta.rows.push_back(company("Another company", "111", {{start, 1}}));
    const auto result = home.result();
    BOOST_REQUIRE(result.let_through.rows.size() == 1u);
    BOOST_TEST(result.let_through.rows.front().name == "Another company");
    BOOST_REQUIRE(result.elsewhere.rows.size() == 1u);
    BOOST_TEST(result.elsewhere.rows.front().account == "222");
}

BOOST_AUTO_TEST_CASE(what_meta_lists_under_several_ids_of_one_company_is_all_told)
{
    Home home;
    home.seen.add(event("multi.example", "900", start, stopped));
    home.meta.rows.push_back(company("multi.example", "5001", {{start, 1}}, "PURCHASE"));
    auto more = company("multi.example", "5002", {{start, 1}, {start + 1, 1}}, "LEAD");
    more.types = {{"LEAD", 1}, {"PURCHASE", 1}, {"SEARCH", 1}};
    home.meta.rows.push_back(more);
    const auto result = home.result();
    BOOST_REQUIRE(result.stopped.rows.size() == 1u);
    BOOST_TEST(result.stopped.rows[0].in_meta == 3u);
    const std::vector<std::string> all{"LEAD", "PURCHASE", "SEARCH"};
    BOOST_TEST(result.stopped.rows[0].types == all, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stopped_loader_counts_where_the_page_told_nothing_more)
{
    Home home;
    home.seen.add(event("silent.example", "", start, stopped, "", activity::Product::loader));
    home.seen.add(event("talking.example", "", start, stopped, "", activity::Product::loader));
    home.seen.add(event("talking.example", "111", start, stopped));
    const auto result = home.result();
    BOOST_REQUIRE(result.stopped.rows.size() == 2u);
    for (const auto& row : result.stopped.rows)
        BOOST_TEST(row.tally.events == 1u);
}

BOOST_AUTO_TEST_CASE(a_site_that_numbers_its_events_tells_them_from_its_server_as_well)
{
    Home home;
    home.seen.add(event("plain.example", "111", start, stopped));
    auto numbered = event("numbered.example", "222", start, stopped);
    numbered.event_id = true;
    home.seen.add(numbered);
    home.seen.add(event("numbered.example", "222", start, stopped)); // one of them is enough
    home.seen.add(event("server.example", "333", start, stopped, "Purchase", activity::Product::conversions));
    const auto result = home.result();
    for (const auto* list : {&result.stopped, &result.only_here})
        for (const auto& row : list->rows)
            BOOST_TEST(row.server == (row.site != "plain.example"), row.site);
    BOOST_TEST(result.stopped.rows.size() + result.only_here.rows.size() >= 3u);
}

BOOST_AUTO_TEST_CASE(an_event_of_which_nobody_saw_the_site_is_in_no_list)
{
    Home home;
    home.seen.add(event("", "", start, passed, "", activity::Product::login)); // no message of a site
    home.seen.add(event("", "", start, stopped, "", activity::Product::loader));
    BOOST_TEST(home.seen.unknown_sites() == 1u);
    BOOST_TEST(home.result().stopped.rows.empty());
}

BOOST_AUTO_TEST_CASE(months_add_up)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, passed));
    home.seen.add(event("shop.example", "111", start, stopped));
    home.meta.rows.push_back(company("shop.example", "111", {{start, 1}, {start + 40, 2}}));
    const auto result = home.result();
    BOOST_REQUIRE(result.months.size() == 2u);
    BOOST_TEST(result.months[0].meta == 1u);
    BOOST_TEST(result.months[0].elsewhere == 0u);
    BOOST_TEST(result.months[0].stopped == 1u);
    BOOST_TEST(result.months[0].let_through == 1u);
    BOOST_TEST(result.months[1].elsewhere == 2u);
    BOOST_TEST(result.elsewhere_lately == 2u);
    BOOST_TEST(first_day_of(month_of(start)) == 19'997); // 2024-10-01
}

BOOST_AUTO_TEST_CASE(events_older_than_the_days_that_are_kept_are_in_their_months)
{
    Home home;
    home.seen.add(event("shop.example", "111", start, passed));
    auto row = company("shop.example", "111", {{start, 1}});
    row.days.clear();
    activity::count(row.months, activity::month_of((start - 400) * day_s), 5);
    row.types["PURCHASE"] = 6;
    row.first_s = (start - 400) * day_s;
    home.meta.rows.push_back(row);
    const auto result = home.result();
    BOOST_REQUIRE(result.elsewhere.rows.size() == 1u);
    BOOST_TEST(of(result.elsewhere.rows.front(), Reason::before) == 5u);
    BOOST_TEST(result.let_through.rows.front().in_meta == 1u);
}

BOOST_AUTO_TEST_CASE(labels_leave_out_what_says_nothing)
{
    const std::pair<const char*, const char*> names[] = {{"Zalando SE", "zalando"},
                                                         {"L'Oréal Groupe", "loreal"},
                                                         {"H&M", "hm"},
                                                         {"Müller GmbH & Co. KG", "muller"},
                                                         {"The Shop", "theshop"},
                                                         {"GmbH", ""},
                                                         {"!!!", ""},
                                                         {"\xff\xfe", ""},
                                                         {"Магазин", ""},
                                                         {"Łódź Sp.", "lodzsp"}};
    for (const auto& [name, label] : names)
        BOOST_TEST(label_of_company(name) == label, name << ": " << label_of_company(name));
    BOOST_TEST(label_of_site("le-monde.fr") == "lemonde");
    BOOST_TEST(site_in_name("Shop.Example") == "shop.example");
    BOOST_TEST(site_in_name("a.b.shop.co.uk") == "shop.co.uk");
    BOOST_TEST(site_in_name("St. Louis").empty());
    BOOST_TEST(site_in_name("1.2").empty());
    BOOST_TEST(site_in_name("Amazon.com, Inc.") == "amazon.com");
}

BOOST_AUTO_TEST_SUITE_END()
