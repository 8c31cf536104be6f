// What the files of an export come to together, and what is said where nothing of them can be used.
#include "proxy/import/collection.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <utility>

using namespace paravent;
using imports::Collection;
using imports::Entry;

namespace {

const std::string folder = "apps_and_websites_off_of_facebook/";
const std::string named_json = folder + "your_activity_off_meta_technologies.json";
const std::string named_index = folder + "your_activity_off_meta_technologies.html";
const std::string named_page = folder + "your_activity_off_meta_technologies/1.html";

struct Read {
    /// Each has a path, empty for a file that was dropped by itself, and what stands in it.
    Read(std::initializer_list<std::pair<std::string, std::string>> files)
    {
        for (const auto& [path, content] : files) {
            const auto first = content.find_first_not_of(' ');
            problem = collection.begin(path, content[first] == '<' ? Entry::html : Entry::json);
            if (problem.empty())
                problem = collection.read(content);
            if (problem.empty())
                problem = collection.end();
            if (!problem.empty())
                return;
        }
        problem = collection.finish("This file");
    }
    bool says(std::string_view words) const { return problem.find(words) != std::string::npos; }
    Collection collection;
    imports::Problem problem;
};

std::string by_2025(const std::string& events)
{
    return R"({"off_facebook_activity_v2":[{"name":"a.example","events":[)" + events + "]}]}";
}

std::string by_2026(const std::string& entries, const std::string& title = R"("title":"a.example",)")
{
    return "[{" + title + R"("fbid":"1","label_values":[{"label":"Events","vec":[{"dict":[)" + entries + "]}]}]}]";
}

std::string page(const std::string& name, const std::string& id, const std::string& time)
{
    return "<html><body><h2>" + name + "</h2><table><tr><td>ID</td><td>" + id +
           "</td></tr><tr><td>Event</td><td>X</td></tr><tr><td>Received on</td><td>" + time +
           "</td></tr></table></body></html>";
}

const std::string index_of_one = "<html><a href='" + named_page + "'>a.example</a></html>";

} // namespace

BOOST_AUTO_TEST_SUITE(collection)

BOOST_AUTO_TEST_CASE(a_list_of_which_nothing_can_be_read_is_refused)
{
    for (const auto* event :
         {R"({"id":1,"type":"X"})", R"({"id":1,"type":"X","timestamp":1760000000.5})",
          R"({"id":1,"type":"X","timestamp":1760000000000},{"id":1,"type":"X","timestamp":1760000000001})",
          R"({"id":1,"type":"X","timestamp":-5})", R"({"id":1,"type":"X","timestamp":"9 oct. 2025"})"})
        for (const auto& path : {std::string(), named_json}) {
            const Read read{{path, by_2025(event)}};
            BOOST_TEST(read.says("its times cannot be read"), event);
            BOOST_TEST(!read.collection.holds_nothing(), event); // another part of it makes this one no better
        }
    BOOST_TEST(Read({{"", by_2026(R"({"label":"ID","value":"12"},{"label":"T","timestamp_value":1760000000000})")}})
                   .says("its times cannot be read"));
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_one_and_some_that_can_be_read_are_enough)
{
    BOOST_TEST(Read({{"", R"({"off_facebook_activity_v2":[]})"}}).problem == "");
    BOOST_TEST(Read({{"", by_2025("")}}).problem == "");
    BOOST_TEST(Read({{named_json, "[]"}}).problem == "");
    const Read some{{"", by_2025(R"({"id":1,"type":"X"},{"id":1,"type":"X","timestamp":1760000000})")}};
    BOOST_TEST(some.problem == "");
    BOOST_TEST(some.collection.sums().skipped() == 1u);
}

BOOST_AUTO_TEST_CASE(labels_without_an_id_are_another_file_of_metas)
{
    const std::string session = R"({"label":"IP address","value":"1.2.3.4"},{"label":"Device","value":"iPhone"},
                                   {"label":"Time","timestamp_value":1760000000})",
                      app = R"({"label":"Name","value":"A game"},{"label":"Start","timestamp_value":1760000000})";
    for (const auto& entries : {session, app})
        for (const auto* title : {R"("title":"Login",)", ""}) {
            const Read read{{"", by_2026(entries, title)}};
            BOOST_TEST(read.says("holds none of what others told Meta"), entries);
            BOOST_TEST(read.collection.sums().events() == 0u);
        }
}

BOOST_AUTO_TEST_CASE(events_with_labels_whose_times_are_texts_or_missing_are_said_to_be_such)
{
    for (const auto* time : {R"(,{"label":"Received on","value":"2025-10-09T08:53:20Z"})",
                             R"(,{"label":"Received on","value":"Oct 9, 2025 8:53 AM"})", ""}) {
        const auto text =
            by_2026(R"({"label":"ID","value":"12"},{"label":"Event","value":"PURCHASE"})" + std::string(time));
        BOOST_TEST(Read({{"root/" + named_json, text}}).says("its times cannot be read"), text);
        // By itself it may be any file.
        BOOST_TEST(Read({{"", text}}).says("its times cannot be read") == (*time != '\0'), text);
    }
    BOOST_TEST(Read({{named_json, "[{\"title\":\"a\"}]"}}).says("holds none"));
}

BOOST_AUTO_TEST_CASE(times_that_are_not_read_are_the_reason_and_not_the_index)
{
    for (const auto* time : {"٩ أكتوبر ٢٠٢٥ ٩:٥٣ م", "9 ต.ค. 2568 21:53", "۱۷ مهر ۱۴۰۴ ۲۱:۵۳", "17 мехр 1404 21:53",
                             "Foo 10 09, 2025 9:53"}) {
        const Read zip{{named_index, index_of_one}, {named_page, page("a.example", "12", time)}};
        BOOST_TEST(zip.says("a time in a language that is not read here"), time << ": " << zip.problem);
        BOOST_TEST(Read({{"", page("a.example", "12", time)}}).says("a time in a language that is not read here"),
                   time);
    }
    BOOST_TEST(Read({{named_index, index_of_one}}).says("without its pages"));
}

BOOST_AUTO_TEST_CASE(a_page_that_is_cut_is_refused)
{
    const auto one = page("a.example", "12", "2025-10-09 08:53"),
               both = one.substr(0, one.find("</body>")) + one.substr(one.find("<table>"));
    for (const auto* end : {"", "\r\n", "  \n"})
        BOOST_TEST(Read({{"", both + end}}).collection.sums().events() == 2u);
    std::string upper = both;
    upper.replace(upper.rfind("</html>"), 7, "</HTML >");
    BOOST_TEST(Read({{"", upper}}).problem == "");
    for (const auto& path : {std::string(), named_page})
        for (auto end = both.find("</table>"); end < both.size(); ++end)
            BOOST_TEST(Read({{path, both.substr(0, end)}}).says("breaks off before its end"), end);
}

BOOST_AUTO_TEST_SUITE_END()
