#include "proxy/import/json_export.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

using namespace paravent;
using imports::JsonExport;
using imports::Summing;

namespace {

/// What an export comes to, read in pieces of `size` bytes.
struct Read {
    explicit Read(std::string_view text, std::size_t size = 1'000'000)
    {
        JsonExport json(sums);
        for (std::size_t at = 0; at < text.size() && problem.empty(); at += size)
            problem = json.read(text.substr(at, size));
        if (problem.empty())
            problem = json.end();
        found = json.found();
        instagram = json.is_instagram();
        sums.finish();
        for (std::size_t i = 0; i < sums.rows(); ++i)
            lines += activity::line_of(sums.row(i));
    }
    Summing sums;
    imports::Problem problem;
    bool found = false, instagram = false;
    std::string lines;
};

constexpr std::string_view by_2025 =
    R"({"off_facebook_activity_v2":[{"name":"shop.example","events":[
    {"id":853766335050306,"type":"PURCHASE","timestamp":1615460377},
    {"id":853766335050306,"type":"PAGE_VIEW","timestamp":1615460000}]},
    {"name":"Caf\u00c3\u00a9 Exemple","events":[{"id":12,"type":"CUSTOM","timestamp":1615460377}]}]})";

constexpr std::string_view lines_2025 =
    "{\"name\":\"Caf\xC3\xA9 "
    "Exemple\",\"account\":\"12\",\"types\":{\"CUSTOM\":1},\"first\":1615460377,\"last\":1615460377,"
    "\"days\":[[18697,1]],\"months\":[[614,1]]}\n"
    "{\"name\":\"shop.example\",\"account\":\"853766335050306\",\"types\":{\"PAGE_VIEW\":1,\"PURCHASE\":1},"
    "\"first\":1615460000,\"last\":1615460377,\"days\":[[18697,2]],\"months\":[[614,2]]}\n";

constexpr std::string_view by_2026 =
    R"([{"title":"shop.example","fbid":"77","media":[],"label_values":[{"label":"Ereignisse","vec":[
    {"dict":[{"label":"Kennung","value":"853766335050306"},{"label":"Ereignis","value":"Seite angesehen"},
             {"label":"Empfangen am","timestamp_value":1615460377}]},
    {"dict":[{"label":"Empfangen am","timestamp_value":1615460378},{"label":"Ereignis","value":"PURCHASE"},
             {"label":"Kennung","value":"853766335050306"}]}]}]}])";

} // namespace

BOOST_AUTO_TEST_SUITE(json_export)

BOOST_AUTO_TEST_CASE(the_shape_to_2025_is_read_in_every_split)
{
    for (std::size_t size = 1; size < 90; ++size) {
        const Read read(by_2025, size);
        BOOST_TEST(read.problem == "");
        BOOST_TEST(read.lines == lines_2025);
        BOOST_TEST(read.sums.skipped() == 0u);
        BOOST_TEST((read.found && !read.instagram));
    }
}

BOOST_AUTO_TEST_CASE(the_shape_of_2026_is_read_by_its_structure_in_any_language)
{
    for (std::size_t size = 1; size < 90; ++size) {
        const Read read(by_2026, size);
        BOOST_TEST(read.problem == "");
        BOOST_TEST(read.lines ==
                   "{\"name\":\"shop.example\",\"account\":\"853766335050306\",\"types\":{\"PURCHASE\":1,\"SEITE_"
                   "ANGESEHEN\":1},"
                   "\"first\":1615460377,\"last\":1615460378,\"days\":[[18697,2]],\"months\":[[614,2]]}\n");
        BOOST_TEST(read.found);
    }
}

BOOST_AUTO_TEST_CASE(instagrams_key_is_known)
{
    const Read read(
        R"({"apps_and_websites_off_meta_activity":[{"name":"a","events":[{"id":1,"type":"LEAD","timestamp":1615460377}]}]})");
    BOOST_TEST(read.sums.events() == 1u);
    BOOST_TEST(read.instagram);
}

BOOST_AUTO_TEST_CASE(the_name_may_come_after_the_events)
{
    const Read read(
        R"({"off_facebook_activity_v2":[{"events":[{"timestamp":1615460377,"type":"LEAD","id":1}],"name":"late"},
        {"events":[{"timestamp":1615460377,"type":"LEAD","id":1}]}]})");
    BOOST_TEST(read.sums.rows() == 2u); // the second has only its account
    BOOST_TEST(read.sums.row(1).name == "late");
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_passed_over_whatever_they_hold)
{
    const Read read(
        R"({"version":{"events":[{"id":1,"timestamp":1615460377}]},"list":[{"name":"no","events":[{"timestamp":1615460377}]}],
        "off_facebook_activity_v2":[{"x":[{"timestamp":1615460377}],"name":"a","more":{"name":"b","events":[]},
        "events":[{"id":1,"type":"LEAD","timestamp":1615460377,"where":{"id":2,"timestamp":3,"type":"NO"}}]}]})");
    BOOST_TEST(read.problem == "");
    BOOST_REQUIRE(read.sums.rows() == 1u);
    BOOST_TEST(read.sums.row(0).name == "a");
    BOOST_TEST(read.sums.row(0).types.at("LEAD") == 1u);
    BOOST_TEST(read.sums.skipped() == 0u);
}

BOOST_AUTO_TEST_CASE(ids_keep_every_digit_as_numbers_and_as_texts)
{
    const Read read(
        R"({"off_facebook_activity_v2":[{"name":"a","events":[{"id":98765432109876543210,"type":"X","timestamp":1615460377},
        {"id":"09876543210987654321","type":"X","timestamp":"1615460377"},{"id":1e5,"type":"X","timestamp":1615460377}]}]})");
    BOOST_REQUIRE(read.sums.rows() == 3u);
    BOOST_TEST(read.sums.row(0).account == ""); // 1e5 is no id
    BOOST_TEST(read.sums.row(1).account == "09876543210987654321");
    BOOST_TEST(read.sums.row(2).account == "98765432109876543210");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_counted)
{
    const Read read(
        R"({"off_facebook_activity_v2":[1,"x",[],{"name":"a","events":[{"id":1},{"id":1,"timestamp":"soon"},7,[],
        {"id":1,"timestamp":1.5e9},{"id":1,"timestamp":null},{"id":1,"type":"X","timestamp":1615460377}]}]})");
    BOOST_TEST(read.problem == "");
    BOOST_TEST(read.sums.events() == 1u);
    BOOST_TEST(read.sums.skipped() == 9u);
}

BOOST_AUTO_TEST_CASE(other_json_is_none_and_an_empty_export_is_one)
{
    BOOST_TEST(!Read("{}").found);
    BOOST_TEST(!Read("[]").found);
    BOOST_TEST(!Read(R"({"friends_v2":[{"name":"a","timestamp":1615460377}]})").found);
    BOOST_TEST(!Read(R"([{"title":"a","label_values":[{"label":"b","value":"c"}]}])").found);
    BOOST_TEST(Read(R"({"off_facebook_activity_v2":[]})").found);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_nothing)
{
    for (std::size_t size = 1; size < 5; ++size)
        BOOST_TEST(Read("\xEF\xBB\xBF" + std::string(by_2025), size).lines == lines_2025);
    BOOST_TEST(Read("\xEF\xBB" + std::string(by_2025)).problem != "");
}

BOOST_AUTO_TEST_CASE(a_text_cut_anywhere_is_an_error_with_a_way_out)
{
    for (std::size_t size = 0; size < by_2025.size(); ++size) {
        const Read read(by_2025.substr(0, size));
        BOOST_TEST(read.problem.find("breaks off") != std::string::npos);
    }
    BOOST_TEST(Read(std::string(by_2025) + " \n").problem == "");
    BOOST_TEST(Read(std::string(by_2025) + "x").problem.find("no good JSON") != std::string::npos);
    BOOST_TEST(Read(std::string(by_2025) + " x", 1).problem.find("no good JSON") != std::string::npos);
    BOOST_TEST(Read("{\"a\":}").problem.find("near byte 5") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(depth_is_bounded)
{
    const auto nested = [](std::size_t depth) {
        return R"({"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    BOOST_TEST(Read(nested(31)).problem == "");
    for (const std::size_t depth : {32u, 100'000u})
        BOOST_TEST(Read(nested(depth)).problem.find("deep") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_stay_in_the_name_as_such)
{
    const Read read("{\"off_facebook_activity_v2\":[{\"name\":\"a\xFF\",\"events\":[{\"id\":1,\"type\":\"X\","
                    "\"timestamp\":1615460377}]}]}");
    BOOST_TEST(read.problem == "");
    BOOST_TEST(read.sums.row(0).name == "a\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(long_names_are_mended_and_cut)
{
    std::string name;
    for (int i = 0; i < 5'000; ++i)
        name += "\\u00c3\\u00a9";
    const auto text = R"({"off_facebook_activity_v2":[{"name":")" + name +
                      R"(","events":[{"id":1,"type":"X","timestamp":1615460377}]}]})";
    for (const std::size_t size : {7u, 100'000u}) {
        const auto cut = Read(text, size).sums.row(0).name;
        BOOST_TEST(cut.size() == 300u);
        BOOST_TEST(cut.starts_with("\xC3\xA9\xC3\xA9"));
        BOOST_TEST(cut.ends_with("\xC3\xA9"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
