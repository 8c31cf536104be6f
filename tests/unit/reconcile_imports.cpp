#include "proxy/reconcile/imports.hpp"

#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

using namespace paravent;
using reconcile::ImportError;
using reconcile::Imports;

namespace {

activity::MetaExport exported(const std::string& name, std::uint32_t events,
                              const std::string& sum = std::string(64, 'a'))
{
    activity::ExportRow row;
    row.name = name;
    row.account = "853766335050306";
    row.types = {{"PURCHASE", events}};
    row.first_s = 1'700'000'000;
    row.last_s = 1'700'086'400;
    activity::count(row.days, activity::day_of(row.last_s), events);
    activity::count(row.months, activity::month_of(row.last_s), events);
    activity::MetaExport out;
    out.source = "facebook";
    out.parts = {sum};
    out.rows.push_back(std::move(row));
    return out;
}

std::string text_in(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(imports)

BOOST_AUTO_TEST_CASE(a_company_with_several_ids_is_one)
{
    const Folder folder;
    auto content = exported("two.example", 1);
    for (const auto* account : {"5", "6"})
        (content.rows.emplace_back(content.rows[0])).account = account;
    BOOST_TEST(Imports(folder.path).add("", content, 1).companies == 1u);
    for (const auto* account : {"7", "8"}) // without a name an id is all there is
        content.rows.emplace_back(exported("", 1).rows[0]).account = account;
    BOOST_TEST(Imports(folder.path).add("", content, 1).companies == 3u);
}

BOOST_AUTO_TEST_CASE(blanks_around_the_name_of_an_older_import_go)
{
    const Folder folder;
    Imports(folder.path).add(" Ana ", exported("a", 1), 1000);
    BOOST_TEST(Imports(folder.path).all().at(0).person == "Ana");
}

BOOST_AUTO_TEST_CASE(what_was_kept_is_read_again_also_by_the_next_process)
{
    const Folder folder;
    const auto made = Imports(folder.path).add("Ana", exported("Café <b>", 3), 1000);
    BOOST_TEST(made.id == "i1");
    const Imports again(folder.path);
    const auto all = again.all();
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all[0].person == "Ana");
    BOOST_TEST(all[0].companies == 1u);
    BOOST_TEST(all[0].events == 3u);
    BOOST_TEST(all[0].first_s == 1'700'000'000);
    const auto content = again.read("i1");
    BOOST_REQUIRE(content.rows.size() == 1u);
    BOOST_TEST((content.rows[0] == exported("Café <b>", 3).rows[0]));
    const auto mode = std::filesystem::status(folder.path / "imports/i1.jsonl").permissions();
    BOOST_TEST((mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(a_further_file_is_added_up_and_the_same_one_is_refused)
{
    const Folder folder;
    Imports imports(folder.path);
    imports.add("", exported("shop.example", 3), 1000);
    BOOST_CHECK_THROW(imports.add_part("i1", exported("shop.example", 3)), reconcile::ImportError);
    const auto made = imports.add_part("i1", exported("shop.example", 4, std::string(64, 'b')));
    BOOST_TEST(made.events == 7u);
    BOOST_TEST(made.companies == 1u);
    BOOST_TEST(made.parts.size() == 2u);
    BOOST_TEST(imports.all().size() == 1u);
    BOOST_CHECK_THROW(imports.add_part("i2", exported("shop.example", 1, "c")), ImportError);
}

BOOST_AUTO_TEST_CASE(the_oldest_of_a_person_goes_when_there_are_many)
{
    const Folder folder;
    Imports imports(folder.path);
    imports.add("Ben", exported("shop.example", 1), 1);
    for (std::size_t i = 0; i <= Imports::most_of_a_person; ++i)
        imports.add("Ana", exported("shop.example", 1), static_cast<std::int64_t>(i) + 2);
    const auto all = imports.all();
    BOOST_TEST(all.size() == Imports::most_of_a_person + 1);
    BOOST_TEST(all.back().person == "Ben");
    BOOST_TEST(std::ranges::count(all, "i2", &reconcile::Import::id) == 0);
    BOOST_TEST(all.front().id == "i14"); // newest first
}

BOOST_AUTO_TEST_CASE(what_was_measured_then_is_kept)
{
    const Folder folder;
    Imports imports(folder.path);
    imports.add("", exported("shop.example", 3), 1000, [](const auto& content) { return content.events() + 4; });
    BOOST_TEST((Imports(folder.path).all().front().elsewhere_lately == 7u));
    imports.add_part("i1", exported("other.example", 1, std::string(64, 'b')),
                     [](const auto& content) { return content.events() + 4; });
    BOOST_TEST((imports.all().front().elsewhere_lately == 8u));
    imports.add("", exported("shop.example", 3), 1000);
    BOOST_TEST(!imports.all().front().elsewhere_lately.has_value());
}

BOOST_AUTO_TEST_CASE(names_that_are_no_ids_reach_no_file)
{
    const Folder folder;
    Imports imports(folder.path);
    std::ofstream(folder.path / "secret.jsonl") << "x";
    for (const auto* id : {"../secret", "i0", "i01", "i", "", "i-1", "i1/../../secret", "i99999999999999"}) {
        BOOST_TEST(!imports.remove(id));
        BOOST_CHECK_THROW((void)imports.read(id), ImportError);
    }
    BOOST_TEST(text_in(folder.path / "secret.jsonl") == "x");
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_named_with_the_way_out)
{
    const Folder folder;
    Imports imports(folder.path);
    imports.add("", exported("shop.example", 3), 1000);
    std::ofstream(folder.path / "imports/i1.jsonl", std::ios::app) << "{\"name\":1}\n";
    try {
        (void)imports.read("i1");
        BOOST_FAIL("it was read");
    } catch (const ImportError& error) {
        BOOST_TEST(std::string(error.what()).find("import the file anew") != std::string::npos);
    }
    BOOST_TEST(imports.remove("i1"));
    BOOST_TEST(imports.all().empty());
}

BOOST_AUTO_TEST_CASE(a_backup_brings_all_back_or_changes_nothing)
{
    const Folder folder, other;
    Imports imports(folder.path);
    imports.add("Ana", exported("shop.example", 3), 1000);
    imports.add("", exported("other.example", 5), 2000);
    std::map<std::string, std::string> texts{{"i1", imports.text("i1")}, {"i2", imports.text("i2")}};
    Imports elsewhere(other.path);
    elsewhere.add("Zoe", exported("own.example", 1), 3000);
    auto broken = texts;
    broken["i7"] = "nothing";
    BOOST_CHECK_THROW(elsewhere.restore(broken), ImportError);
    BOOST_TEST(elsewhere.all().size() == 1u);
    elsewhere.restore(texts);
    BOOST_TEST(elsewhere.all().size() == 2u);
    for (const auto& [id, text] : texts)
        BOOST_TEST(elsewhere.text(id) == text);
    BOOST_TEST(!std::filesystem::exists(other.path / "imports.new"));
    elsewhere.clear();
    BOOST_TEST(elsewhere.all().empty());
    elsewhere.clear();
}

BOOST_AUTO_TEST_SUITE_END()
