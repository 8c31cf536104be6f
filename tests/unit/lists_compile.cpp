// Which lists are in force, and what is said about each.
#include "lists_folder.hpp"
#include "proxy/lists/lists.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <algorithm>

using namespace paravent;
namespace fs = std::filesystem;

namespace {

struct Lists : Folder {
    fs::path state = path / "state";
    config::Settings settings;
    std::map<std::string, bool, std::less<>> switches;
    lists::Compiled now;

    Lists() { fs::create_directory(state); }

    config::List& entry(const std::string& name, const std::string& file, const std::string& url = "")
    {
        config::List list;
        list.name = name;
        list.file = file;
        list.url = url;
        return settings.lists.emplace_back(list);
    }

    void compile()
    {
        now = lists::compile(
            settings, state,
            [this](std::string_view name) {
                const auto found = switches.find(name);
                return found == switches.end() ? std::nullopt : std::optional(found->second);
            },
            &now);
    }

    const lists::ListStatus& status(std::string_view name) const
    {
        const auto found = std::ranges::find(now.lists, name, &lists::ListStatus::name);
        BOOST_REQUIRE(found != now.lists.end());
        return *found;
    }

    bool blocks(std::string_view host) const
    {
        const auto rulings = rules::Rulings::all(rules::Action::block);
        const std::string url = "https://" + std::string(host) + "/";
        rules::Request request;
        request.url = url;
        request.host = host;
        request.host_only = true;
        request.rulings = &rulings;
        return now.rules->decide(request).action == rules::Action::block;
    }
};

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != text.npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(compile, Lists)

BOOST_AUTO_TEST_CASE(our_own_lists_are_on_as_they_are_built)
{
    compile();
    BOOST_REQUIRE(now.lists.size() == rules::own_lists().size());
    for (std::size_t i = 0; i < now.lists.size(); ++i) {
        const auto& own = rules::own_lists()[i];
        const auto& list = now.lists[i];
        BOOST_TEST_CONTEXT(list.name)
        {
            BOOST_TEST(list.name == own.name);
            BOOST_TEST(list.category == own.name);
            BOOST_TEST(list.source == "built in");
            BOOST_TEST(list.enabled == own.on_by_default);
            BOOST_TEST((list.report.rules > 0) == own.on_by_default);
            BOOST_TEST(list.updated_ms == 0);
            BOOST_TEST(list.error == "");
        }
    }
    BOOST_TEST(!status("meta-ai").enabled);
    BOOST_TEST(now.rules->in_scope("www.facebook.com"));
}

BOOST_AUTO_TEST_CASE(a_list_of_ours_is_switched_by_the_file_and_the_owners_word_goes_before_it)
{
    compile();
    const std::size_t all = now.rules->size();
    entry("pixel-event", "").enabled = false;
    entry("meta-ai", "").enabled = true;
    compile();
    BOOST_TEST(!status("pixel-event").enabled);
    BOOST_TEST(status("pixel-event").report.rules == 0u);
    BOOST_TEST(status("meta-ai").report.rules > 0u);
    BOOST_TEST(now.lists.size() == rules::own_lists().size()); // switches are no lists
    switches = {{"pixel-event", true}, {"meta-ai", false}};
    compile();
    BOOST_TEST(now.rules->size() == all);
}

BOOST_AUTO_TEST_CASE(a_file_of_the_owner_is_in_force_after_ours)
{
    write(path / "mine.txt", "||tracker.example^\n||other.example^\n");
    entry("mine", path / "mine.txt").category = "home";
    compile();
    const auto& list = status("mine");
    BOOST_TEST(now.lists.back().name == "mine");
    BOOST_TEST(list.category == "home");
    BOOST_TEST(list.source == (path / "mine.txt").string());
    BOOST_TEST(list.report.rules == 2u);
    BOOST_TEST(list.updated_ms > 0);
    BOOST_TEST(list.error == "");
    BOOST_TEST(blocks("tracker.example"));
    BOOST_TEST(!blocks("innocent.example"));
}

BOOST_AUTO_TEST_CASE(a_list_that_is_off_is_shown_and_not_read)
{
    entry("mine", path / "missing.txt").enabled = false;
    write(path / "other.txt", "||tracker.example^\n");
    entry("other", path / "other.txt");
    switches["other"] = false;
    compile();
    BOOST_TEST(!status("mine").enabled);
    BOOST_TEST(status("mine").error == "");
    BOOST_TEST(status("mine").category == "other");
    BOOST_TEST(!status("other").enabled);
    BOOST_TEST(!blocks("tracker.example"));
}

BOOST_AUTO_TEST_CASE(each_report_stands_at_its_own_list)
{
    write(path / "one.txt", "||a.example^\n");
    write(path / "three.txt", "||a.example^\n||b.example^\n||c.example^\n");
    entry("one", path / "one.txt");
    entry("gone", path / "gone.txt");
    entry("three", path / "three.txt");
    switches["login"] = false;
    compile();
    BOOST_TEST(status("one").report.rules == 1u);
    BOOST_TEST(status("gone").report.rules == 0u);
    BOOST_TEST(status("three").report.rules == 3u);
    for (const auto& list : now.lists)
        BOOST_TEST((list.report.name.empty() || list.report.name == list.name));
}

BOOST_AUTO_TEST_CASE(a_packed_file_is_unpacked)
{
    write(path / "mine.txt.gz", gzip("||tracker.example^\n"));
    entry("mine", path / "mine.txt.gz");
    compile();
    BOOST_TEST(status("mine").error == "");
    BOOST_TEST(blocks("tracker.example"));
}

BOOST_AUTO_TEST_CASE(the_last_good_text_stays_in_force_when_the_file_is_gone)
{
    write(path / "mine.txt", "||tracker.example^\n");
    entry("mine", path / "mine.txt");
    compile();
    const auto updated = status("mine").updated_ms;
    struct stat copy{};
    BOOST_REQUIRE(stat(lists::kept_text(state, "mine").c_str(), &copy) == 0);
    BOOST_TEST((copy.st_mode & 0777U) == 0600u);

    fs::remove(path / "mine.txt");
    now = {}; // as after a start
    compile();
    BOOST_TEST(blocks("tracker.example"));
    BOOST_TEST(status("mine").updated_ms == updated);
    BOOST_TEST(contains(status("mine").error, (path / "mine.txt").string() + " cannot be read: No such file"));
    BOOST_TEST(contains(status("mine").error, "stays in force"));

    write(path / "mine.txt", "||new.example^\n");
    compile();
    BOOST_TEST(status("mine").error == "");
    BOOST_TEST(!blocks("tracker.example"));
    BOOST_TEST(blocks("new.example"));
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_told_and_the_others_are_in_force)
{
    fs::create_directory(path / "folder");
    BOOST_REQUIRE(mkfifo((path / "pipe").c_str(), 0600) == 0);
    write(path / "binary", "||a.example^\n" + std::string(100, '\0'));
    write(path / "not.gz", "||a.example^\n");
    write(path / "cut.gz", gzip(std::string(100'000, 'x')).substr(0, 60));
    write(path / "bomb.gz", gzip(std::string(std::size_t{257} << 20, '\n')));
    write(path / "huge", "");
    fs::resize_file(path / "huge", (std::uintmax_t{64} << 20) + 1); // sparse
    write(path / "good", "||tracker.example^\n");
    const std::pair<const char*, const char*> rows[] = {
        {"folder", "is a folder"},      {"pipe", "is no plain file"}, {"binary", "is no text"},
        {"not.gz", "is no gzip"},       {"cut.gz", "is damaged"},     {"bomb.gz", "unpacks to more than 256 MiB"},
        {"huge", "larger than 64 MiB"}, {"missing", "No such file"},
    };
    for (const auto& [name, sentence] : rows)
        entry(name, path / name);
    entry("good", path / "good");
    compile();
    for (const auto& [name, sentence] : rows) {
        BOOST_TEST(contains(status(name).error, sentence), status(name).error);
        BOOST_TEST(contains(status(name).error, "none of its rules is in force"));
        BOOST_TEST(status(name).updated_ms == 0);
    }
    BOOST_TEST(blocks("tracker.example"));
    BOOST_TEST(!blocks("a.example"));
}

BOOST_AUTO_TEST_CASE(a_line_with_a_nul_byte_is_counted_and_the_others_hold)
{
    write(path / "odd", std::string("||tracker.example^\n||a.exa\0mple^\n||other.example^\n", 50));
    entry("odd", path / "odd");
    compile();
    BOOST_TEST(status("odd").error == "");
    BOOST_TEST(status("odd").report.skipped == 1U);
    BOOST_TEST(blocks("tracker.example"));
    BOOST_TEST(blocks("other.example"));
}

BOOST_AUTO_TEST_CASE(what_the_lists_before_it_leave_no_room_for_is_told_as_that)
{
    write(path / "first", "||tracker.example^\n");
    write(path / "packed.gz", gzip(std::string(std::size_t{257} << 20, '\n')));
    entry("first", path / "first");
    entry("packed", path / "packed.gz");
    compile();
    BOOST_TEST(contains(status("packed").error, "and the lists before it have more text than can be taken, 256 MiB"),
               status("packed").error);
    BOOST_TEST(blocks("tracker.example"));
}

BOOST_AUTO_TEST_CASE(a_subscription_waits_to_be_fetched_and_then_is_in_force)
{
    entry("easy", "", "https://lists.example/easy.txt").intercept = true;
    compile();
    BOOST_TEST(status("easy").source == "https://lists.example/easy.txt");
    BOOST_TEST(contains(status("easy").error, "has not been fetched yet"));
    fs::create_directories(state / "lists");
    write(state / "lists" / "easy.txt", "||tracker.example^\n||shop.example/path$script\n");
    compile();
    BOOST_TEST(status("easy").error == "");
    BOOST_TEST(status("easy").updated_ms > 0);
    BOOST_TEST(blocks("tracker.example"));
    BOOST_TEST(!now.rules->in_scope("shop.example"));
}

BOOST_AUTO_TEST_CASE(only_a_file_of_the_owners_own_widens_the_scope_where_it_says_so)
{
    write(path / "mine.txt", "||shop.example/path\n");
    entry("mine", path / "mine.txt");
    compile();
    BOOST_TEST(!now.rules->in_scope("shop.example"));
    settings.lists[0].intercept = true;
    compile();
    BOOST_TEST(now.rules->in_scope("shop.example"));
}

BOOST_AUTO_TEST_CASE(without_a_service_nothing_is_written)
{
    write(path / "mine.txt", "||tracker.example^\n");
    entry("mine", path / "mine.txt");
    now = lists::compile(settings, state, {}, nullptr);
    BOOST_TEST(blocks("tracker.example"));
    BOOST_TEST(fs::is_empty(state));
}

BOOST_AUTO_TEST_CASE(a_copy_that_cannot_be_kept_is_told_and_the_list_is_in_force)
{
    write(path / "mine.txt", "||tracker.example^\n");
    write(state / "lists", "in the way");
    entry("mine", path / "mine.txt");
    compile();
    BOOST_TEST(contains(status("mine").error, "no copy of it could be kept"));
    BOOST_TEST(blocks("tracker.example"));
}

BOOST_AUTO_TEST_CASE(an_unchanged_list_is_not_written_again)
{
    write(path / "mine.txt", "||tracker.example^\n");
    entry("mine", path / "mine.txt");
    compile();
    struct stat first{}, second{};
    const auto copy = lists::kept_text(state, "mine");
    BOOST_REQUIRE(stat(copy.c_str(), &first) == 0);
    compile();
    BOOST_REQUIRE(stat(copy.c_str(), &second) == 0);
    BOOST_TEST(first.st_ino == second.st_ino);
    write(path / "mine.txt", "||checker.example^\n"); // as long as before
    compile();
    BOOST_REQUIRE(stat(copy.c_str(), &second) == 0);
    BOOST_TEST(read(copy) == "||checker.example^\n");
}

BOOST_AUTO_TEST_SUITE_END()
