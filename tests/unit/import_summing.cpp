#include "proxy/import/latin1.hpp"
#include "proxy/import/summing.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent;
using imports::mend_latin1;
using imports::Summing;

namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t noon = 1'700'049'600; // 2023-11-15, day 19676

} // namespace

BOOST_AUTO_TEST_SUITE(summing)

BOOST_AUTO_TEST_CASE(events_are_added_up_by_name_and_account)
{
    Summing sums;
    BOOST_TEST(sums.event("1", "PURCHASE", noon));
    BOOST_TEST(sums.event("2", "LEAD", noon));
    BOOST_TEST(sums.event("1", "PURCHASE", noon - day));
    BOOST_TEST(sums.business("shop.example"));
    BOOST_TEST(sums.event("1", "PURCHASE", noon + day));
    BOOST_TEST(sums.business("another.example"));
    BOOST_TEST(sums.event("1", "PURCHASE", noon + 2 * day)); // once more
    BOOST_TEST(sums.business("shop.example"));
    sums.finish();
    BOOST_REQUIRE(sums.rows() == 3u);
    BOOST_TEST(sums.row(0).name == "another.example");
    const auto row = sums.row(1);
    BOOST_TEST(row.account == "1");
    BOOST_TEST(row.events() == 3u);
    BOOST_TEST(row.first_s == noon - day);
    BOOST_TEST(row.last_s == noon + 2 * day);
    BOOST_CHECK((row.days == activity::ExportCounts{{19'675, 1}, {19'676, 1}, {19'678, 1}}));
    BOOST_CHECK((row.months == activity::ExportCounts{{646, 3}}));
    BOOST_TEST(sums.row(2).account == "2");
    BOOST_TEST(sums.events() == 5u);
}

BOOST_AUTO_TEST_CASE(types_are_written_one_way)
{
    Summing sums;
    for (const auto* type : {"Page view", "PAGE_VIEW", "page_view"})
        sums.event("1", type, noon);
    sums.event("1",
               "Seite \xC3\xBC"
               "ber",
               noon);
    sums.event("1", "", noon);
    sums.event("1", "\x1b[2J", noon);
    sums.event("1", std::string(200, 'x'), noon);
    sums.business("a");
    sums.finish();
    const auto types = sums.row(0).types;
    BOOST_TEST(types.at("PAGE_VIEW") == 3u);
    BOOST_TEST(types.at("SEITE_\xC3\xBC"
                        "BER") == 1u);
    BOOST_TEST(types.at("OTHER") == 1u);
    BOOST_TEST(types.at("[2J") == 1u);
    BOOST_TEST(types.contains(std::string(64, 'X')));
}

BOOST_AUTO_TEST_CASE(forty_types_and_the_rest_is_other)
{
    Summing sums;
    for (int i = 0; i < 60; ++i)
        sums.event("1", "T" + std::to_string(i), noon);
    sums.event("1", "OTHER", noon);
    sums.business("a");
    sums.finish();
    BOOST_TEST(sums.row(0).types.size() == 41u);
    BOOST_TEST(sums.row(0).types.at("OTHER") == 21u);
    BOOST_TEST(activity::read_row(activity::line_of(sums.row(0))).has_value());
}

BOOST_AUTO_TEST_CASE(days_are_those_of_the_newest_hundred_in_whatever_order_they_come)
{
    for (const bool newest_first : {true, false}) {
        Summing sums;
        for (int i = 0; i < 300; ++i)
            sums.event("1", "X", noon - day * (newest_first ? i : 299 - i));
        sums.business("a");
        sums.event("1", "X", noon - 150 * day);
        sums.business("b");
        sums.event("1", "X", noon + 10 * day);
        sums.business("c");
        sums.finish();
        const auto row = sums.row(0);
        BOOST_TEST(row.events() == 300u);
        BOOST_TEST(row.days.size() == 90u);
        BOOST_TEST(row.days.front().first == 19'686 - 99);
        BOOST_TEST(row.months.size() == 11u);
        BOOST_TEST(sums.row(1).days.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_time_that_is_none_makes_an_event_unreadable)
{
    Summing sums;
    for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-5}, noon * 1000, std::int64_t{4'102'444'800}})
        sums.event("1", "X", time);
    sums.business("a");
    sums.finish();
    BOOST_TEST(sums.rows() == 0u);
    BOOST_TEST(sums.skipped() == 4u);
}

BOOST_AUTO_TEST_CASE(an_account_is_digits_or_none)
{
    Summing sums;
    for (const auto* account : {"", "12a", "123456789012345678901", "-1"})
        sums.event(account, "X", noon);
    sums.event("12345678901234567890", "X", noon);
    sums.business("a");
    sums.finish();
    BOOST_REQUIRE(sums.rows() == 2u);
    BOOST_TEST(sums.row(0).account.empty());
    BOOST_TEST(sums.row(0).events() == 4u);
    BOOST_TEST(sums.row(1).account == "12345678901234567890");
}

BOOST_AUTO_TEST_CASE(what_has_neither_name_nor_account_is_skipped)
{
    Summing sums;
    sums.event("", "X", noon);
    sums.event("", "X", noon);
    sums.event("7", "X", noon);
    sums.business("");
    sums.finish();
    BOOST_TEST(sums.rows() == 1u);
    BOOST_TEST(sums.skipped() == 2u);
}

BOOST_AUTO_TEST_CASE(names_are_cut_and_made_safe_to_show)
{
    Summing sums;
    sums.event("1", "X", noon);
    sums.business(" shop\x1b[31m.example\xE2\x80\xAE\n " + std::string(400, 'x'));
    sums.finish();
    BOOST_TEST(sums.row(0).name.starts_with("shop[31m.example xxx"));
    BOOST_TEST(sums.row(0).name.size() == 300u);
}

BOOST_AUTO_TEST_CASE(only_pages_that_are_linked_count)
{
    Summing sums;
    sums.event("1", "X", noon);
    sums.unreadable();
    sums.business("a.example", 11);
    sums.event("1", "X", noon); // the same again, on a page without a link
    sums.unreadable();
    sums.business("a.example", 13);
    sums.event("1", "X", noon);
    sums.business("b.example"); // JSON
    sums.keep_linked({5, 11});
    sums.finish();
    BOOST_REQUIRE(sums.rows() == 2u);
    BOOST_TEST(sums.row(0).events() == 1u);
    BOOST_TEST(sums.skipped() == 1u);
}

BOOST_AUTO_TEST_CASE(without_an_index_a_page_that_repeats_another_does_not_count)
{
    Summing sums;
    for (const std::uint64_t page : {11, 13}) {
        sums.event("1", "X", noon);
        sums.event("1", "Y", noon + 5);
        sums.business("a.example", page);
    }
    sums.event("1", "X", noon - 5); // further events of it
    sums.business("a.example", 15);
    sums.keep_linked({5});
    sums.finish();
    BOOST_REQUIRE(sums.rows() == 1u);
    BOOST_TEST(sums.row(0).events() == 3u);
}

BOOST_AUTO_TEST_CASE(without_an_index_a_page_that_none_links_counts_only_where_it_is_all_there_is)
{
    for (const bool others : {true, false}) {
        Summing sums;
        sums.event("1", "X", noon); // of a page in another part
        sums.business("a.example", 11);
        if (others) {
            sums.event("1", "X", noon);
            sums.business("b.example", 13);
        }
        sums.keep_linked({}, {11});
        sums.finish();
        BOOST_REQUIRE(sums.rows() == 1u);
        BOOST_TEST(sums.row(0).name == (others ? "b.example" : "a.example"));
    }
}

BOOST_AUTO_TEST_CASE(a_business_that_comes_again_and_again_needs_no_more_room)
{
    Summing sums({100, std::size_t{1} << 20});
    for (int i = 0; i < 10'000; ++i) {
        BOOST_REQUIRE(sums.event("1", "X", noon + i));
        BOOST_REQUIRE(sums.business("shop" + std::to_string(i % 100)));
    }
    sums.finish();
    BOOST_TEST(sums.rows() == 100u);
    BOOST_TEST(sums.events() == 10'000u);
}

BOOST_AUTO_TEST_CASE(there_is_a_bound_of_businesses_accounts_and_memory)
{
    const auto fills = [](Summing sums, auto add) {
        for (int i = 0; i < 100'000; ++i)
            if (!add(sums, i))
                return true;
        return false;
    };
    const auto businesses = [](Summing& sums, int i) {
        return sums.event("1", "X", noon) && sums.business(std::to_string(i));
    };
    BOOST_TEST(fills(Summing({1'000, std::size_t{64} << 20}), businesses));
    BOOST_TEST(fills(Summing({1'000'000, std::size_t{1} << 20}), businesses));
    BOOST_TEST(fills(Summing({1'000, std::size_t{64} << 20}),
                     [](Summing& sums, int i) { return sums.event(std::to_string(i), "X", noon); }));
    BOOST_TEST(fills(Summing({1'000'000, std::size_t{1} << 20}), [](Summing& sums, int i) {
        return sums.event(std::to_string(i % 2'000), "X", noon + i * day / 50);
    }));
}

BOOST_AUTO_TEST_CASE(kinds_of_events_have_a_bound_over_all_businesses)
{
    Summing sums;
    for (int i = 0; i < 10'000; ++i) {
        sums.event("1", "T" + std::to_string(i), noon);
        sums.business("b" + std::to_string(i / 10));
    }
    sums.finish();
    BOOST_TEST(sums.events() == 10'000u);
    BOOST_TEST(sums.row(sums.rows() - 1).types.at("OTHER") == 10u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(latin1)

BOOST_AUTO_TEST_CASE(bytes_written_as_characters_are_mended)
{
    BOOST_TEST(mend_latin1("Caf\xC3\x83\xC2\xA9") == "Caf\xC3\xA9");
    BOOST_TEST(mend_latin1("\xC3\xB0\xC2\x9F\xC2\x9B\xC2\x92") == "\xF0\x9F\x9B\x92"); // four bytes
}

BOOST_AUTO_TEST_CASE(other_text_stays)
{
    for (const std::string_view text : {"", "shop.example", "Caf\xC3\xA9", "\xC3\x83", "\xC3\x83\xC2", "\xE2\x82\xAC 5",
                                        "\xC3\x83\xC2\xA9 \xE2\x82\xAC", "\xFF\xFE", "\xC3\xA9\xC3\xA9",
                                        "\xC2\xAB"
                                        "Ali\xC2\xBB"})
        BOOST_TEST(mend_latin1(text) == text);
}

BOOST_AUTO_TEST_CASE(a_text_that_is_cut_is_mended_up_to_its_last_whole_character)
{
    const std::string_view whole = "\xC3\x83\xC2\xA9\xC3\xA2\xC2\x82\xC2\xAC"; // é€
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(mend_latin1(whole.substr(0, size), true) == (size < 4 ? "" : "\xC3\xA9"), size);
}

BOOST_AUTO_TEST_SUITE_END()
