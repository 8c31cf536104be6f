#include "proxy/activity/export.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace paravent::activity;

namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t noon = 1'700'049'600; // 2023-11-15, day 19676

ExportRow row(std::string name, std::string account = {}, std::int64_t time = noon, std::uint64_t events = 1)
{
    ExportRow made;
    made.name = std::move(name);
    made.account = std::move(account);
    made.types["PURCHASE"] = events;
    made.first_s = made.last_s = time;
    count(made.days, day_of(time), static_cast<std::uint32_t>(events));
    count(made.months, month_of(time), static_cast<std::uint32_t>(events));
    return made;
}

MetaExport part(std::vector<ExportRow> rows, std::string source = "facebook", std::string sha = "aa")
{
    MetaExport made;
    made.source = std::move(source);
    made.parts = {std::move(sha)};
    made.rows = std::move(rows);
    return made;
}

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    const auto at = text.find(from);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

BOOST_AUTO_TEST_SUITE(meta_export)

BOOST_AUTO_TEST_CASE(a_row_is_one_line_and_reads_back_the_same)
{
    auto written = row("Caf\xC3\xA9 \"Chez\" \\", "853766335050306");
    written.types["PAGE_VIEW"] = 40;
    count(written.days, 19'000);
    const auto line = line_of(written);
    BOOST_TEST(
        line ==
        "{\"name\":\"Caf\xC3\xA9 \\\"Chez\\\" \\\\\",\"account\":\"853766335050306\",\"types\":{\"PAGE_VIEW\":40,"
        "\"PURCHASE\":1},\"first\":1700049600,\"last\":1700049600,\"days\":[[19000,1],[19676,1]],"
        "\"months\":[[646,1]]}\n");
    const auto again = read_row(line);
    BOOST_REQUIRE(again.has_value());
    BOOST_CHECK(*again == written);
    BOOST_TEST(again->events() == 41u);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_not_in_order_is_none)
{
    const auto good = line_of(row("shop.example", "123"));
    BOOST_REQUIRE(read_row(good).has_value());
    for (std::size_t size = 0; size + 1 < good.size(); ++size) // the line end may be missing
        BOOST_TEST(!read_row(good.substr(0, size)).has_value());
    for (const auto& [from, to] : {std::pair{"shop.example", "\\u001b[2J"},
                                   {"shop.example", "\xFF"},
                                   {"\"123\"", "\"12a\""},
                                   {"\"123\"", "\"123456789012345678901\""},
                                   {"\"123\"", "123"},
                                   {"PURCHASE\":1", "PURCHASE\":0"},
                                   {"PURCHASE\":1", "PURCHASE\":-1"},
                                   {"{\"PURCHASE\":1}", "{}"},
                                   {"\"first\":1700049600", "\"first\":1700049601"},
                                   {"\"first\":1700049600", "\"first\":5"},
                                   {"[19676,1]", "[19676,1],[19676,1]"},
                                   {"[19676,1]", "[19676,4294967296]"},
                                   {"[19676,1]", "[19676,1,1]"},
                                   {"[[646,1]]", "[646,1]"},
                                   {"[[646,1]]", "[[[[[646,1]]]]]"}})
        BOOST_TEST(!read_row(replaced(good, from, to)).has_value(), to);
    BOOST_TEST(!read_row(replaced(replaced(good, "shop.example", ""), "123", "")).has_value());
    BOOST_TEST(!read_row("{\"end\":{}}").has_value());
    BOOST_TEST(!read_row(replaced(good, "shop.example", std::string(301, 'x'))).has_value());
    BOOST_TEST(read_row(replaced(good, "shop.example", std::string(300, 'x'))).has_value());
    BOOST_TEST(!read_row(good + std::string(200'000, ' ')).has_value());
}

BOOST_AUTO_TEST_CASE(months_and_days_are_counted_from_1970)
{
    BOOST_TEST(month_of(0) == 0);
    BOOST_TEST(month_of(1'615'460'377) == 614); // 2021-03
    BOOST_TEST(month_of(1'617'235'199) == 614); // 2021-03-31 23:59:59
    BOOST_TEST(month_of(1'617'235'200) == 615);
    BOOST_TEST(day_of(noon) == 19'676);
}

BOOST_AUTO_TEST_CASE(the_same_business_in_two_parts_is_added_up)
{
    MetaExport whole;
    merge(whole, part({row("b.example", "2"), row("a.example", "1", noon, 2)}));
    merge(whole, part({row("a.example", "1", noon - 40 * day, 5), row("a.example", "9")}, "facebook", "bb"));
    BOOST_REQUIRE(whole.rows.size() == 3u);
    BOOST_TEST(whole.rows[0].name == "a.example");
    BOOST_TEST(whole.rows[0].account == "1");
    BOOST_TEST(whole.rows[1].account == "9");
    BOOST_TEST(whole.rows[2].name == "b.example");
    const auto& sum = whole.rows[0];
    BOOST_TEST(sum.events() == 7u);
    BOOST_TEST(sum.first_s == noon - 40 * day);
    BOOST_TEST(sum.last_s == noon);
    BOOST_CHECK((sum.days == ExportCounts{{19'636, 5}, {19'676, 2}}));
    BOOST_CHECK((sum.months == ExportCounts{{645, 5}, {646, 2}}));
    BOOST_CHECK((whole.parts == std::vector<std::string>{"aa", "bb"}));
    BOOST_TEST(whole.source == "facebook");
    BOOST_TEST(whole.events() == 9u);
}

BOOST_AUTO_TEST_CASE(days_are_cut_to_the_newest_hundred_before_the_newest_event_of_all)
{
    MetaExport whole;
    merge(whole, part({row("old.example", "", noon - 99 * day), row("older.example", "", noon - 100 * day)}));
    BOOST_TEST(whole.rows[1].days.size() == 1u);
    merge(whole, part({row("new.example")}));
    BOOST_TEST(whole.rows[0].days.size() == 1u);
    BOOST_TEST(whole.rows[1].name == "old.example");
    BOOST_TEST(whole.rows[1].days.size() == 1u);
    BOOST_TEST(whole.rows[2].days.empty());
    BOOST_TEST(whole.rows[2].months.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_told_of_the_parts_is_told_of_the_whole)
{
    MetaExport whole;
    auto first = part({row("a.example")}), second = part({row("a.example")}, "instagram");
    first.skipped = 2;
    second.skipped = 3;
    second.zoned = false;
    merge(whole, std::move(first));
    merge(whole, std::move(second));
    BOOST_TEST(whole.source == "both");
    BOOST_TEST(!whole.zoned);
    BOOST_TEST(whole.skipped == 5u);
}

BOOST_AUTO_TEST_CASE(a_row_has_forty_types_and_the_rest)
{
    auto one = row("a.example"), two = one;
    one.types.clear();
    two.types.clear();
    for (int i = 10; i < 50; ++i)
        one.types["A" + std::to_string(i)] = 1;
    for (int i = 10; i < 50; ++i)
        two.types[(i < 20 ? "A" : "B") + std::to_string(i)] = 1;
    add_up(one, two);
    BOOST_TEST(one.types.size() == max_export_types + 1);
    BOOST_TEST(one.types["OTHER"] == 30u);
    BOOST_TEST(one.types["A10"] == 2u);
    BOOST_TEST(one.events() == 80u);
    BOOST_TEST(read_row(line_of(one)).has_value());
}

BOOST_AUTO_TEST_CASE(counts_end_at_what_they_hold)
{
    ExportCounts counts;
    count(counts, 5, std::numeric_limits<std::uint32_t>::max());
    count(counts, 5);
    BOOST_TEST(counts.front().second == std::numeric_limits<std::uint32_t>::max());
    auto one = row("a.example"), two = one;
    one.types["PURCHASE"] = two.types["PURCHASE"] = std::numeric_limits<std::int64_t>::max();
    add_up(one, two);
    BOOST_TEST(one.events() == std::uint64_t{std::numeric_limits<std::int64_t>::max()});
}

BOOST_AUTO_TEST_CASE(of_too_many_businesses_those_with_most_events_stay)
{
    std::vector<ExportRow> rows;
    for (std::size_t i = 0; i < max_export_rows + 2; ++i)
        rows.push_back(row(std::to_string(i), "", noon, i < 2 ? 1 : 2));
    MetaExport whole;
    merge(whole, part(std::move(rows)));
    BOOST_TEST(whole.rows.size() == max_export_rows);
    BOOST_TEST(whole.skipped == 2u);
    BOOST_TEST(whole.rows.front().name == "10"); // sorted as texts; "0" and "1" are gone
}

BOOST_AUTO_TEST_SUITE_END()
