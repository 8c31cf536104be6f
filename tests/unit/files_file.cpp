#include "proxy/files/file.hpp"
#include "proxy/files/writing.hpp"
#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <sys/stat.h>

using namespace paravent;
namespace errc = boost::system::errc;

BOOST_AUTO_TEST_CASE(a_file_comes_back_with_its_time)
{
    const Folder folder;
    const auto path = folder.path / "a";
    BOOST_TEST(!files::write_whole(path, "one", 1'600'000'000'123));
    const auto content = files::read_file(path, 3);
    BOOST_REQUIRE(content.has_value());
    BOOST_TEST(content->text == "one");
    BOOST_TEST(content->changed_ms == 1'600'000'000'123);
}

BOOST_AUTO_TEST_CASE(a_file_is_replaced_whole_and_read_by_its_owner_alone)
{
    const Folder folder;
    const auto path = folder.path / "a";
    write(folder.path / "a", "a text that is longer");
    std::filesystem::permissions(path, std::filesystem::perms::all);
    write(folder.path / "a.new", "left by a crash");
    BOOST_TEST(!files::write_whole(path, "new"));
    BOOST_TEST(read(folder.path / "a") == "new");
    struct stat status{};
    BOOST_REQUIRE_EQUAL(stat(path.c_str(), &status), 0);
    BOOST_TEST((status.st_mode & 0777) == 0600U);
    BOOST_TEST(!std::filesystem::exists(folder.path / "a.new"));
}

BOOST_AUTO_TEST_CASE(a_link_in_place_of_the_temporary_file_is_not_followed)
{
    const Folder folder;
    write(folder.path / "victim", "untouched");
    std::filesystem::create_symlink(folder.path / "victim", folder.path / "a.new");
    BOOST_TEST(!files::write_whole(folder.path / "a", "new"));
    BOOST_TEST(read(folder.path / "victim") == "untouched");
    BOOST_TEST(read(folder.path / "a") == "new");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_replaced_leaves_nothing_behind)
{
    const Folder folder;
    std::filesystem::create_directories(folder.path / "a" / "inside");
    BOOST_TEST(files::write_whole(folder.path / "a", "new"));
    BOOST_TEST(!std::filesystem::exists(folder.path / "a.new"));
}

BOOST_AUTO_TEST_CASE(who_has_given_up_writing_changes_nothing_until_it_is_taken_up_again)
{
    const Folder folder;
    write(folder.path / "a", "old");
    files::give_up_writing();
    BOOST_TEST((files::write_whole(folder.path / "a", "new") == errc::operation_canceled));
    BOOST_TEST(files::write_whole(folder.path / "b", "new"));
    BOOST_TEST(read(folder.path / "a") == "old");
    BOOST_TEST(!std::filesystem::exists(folder.path / "b"));
    files::take_up_writing();
    BOOST_TEST(!files::write_whole(folder.path / "a", "new"));
    BOOST_TEST(read(folder.path / "a") == "new");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_longer_than_it_says_is_read_whole_or_not_at_all)
{
    const auto limits = files::read_file("/proc/self/limits", 1 << 20); // the kernel says 0 bytes
    BOOST_REQUIRE(limits.has_value());
    BOOST_TEST(limits->text.starts_with("Limit "));
    BOOST_TEST(limits->text.ends_with("\n"));
    BOOST_TEST((files::read_file("/proc/self/limits", 10).error() == errc::file_too_large));
}

BOOST_AUTO_TEST_CASE(what_is_no_file_of_that_size_is_an_error_and_nobody_waits_for_it)
{
    const Folder folder;
    write(folder.path / "four", "four");
    BOOST_REQUIRE_EQUAL(mkfifo((folder.path / "fifo").c_str(), 0600), 0);
    BOOST_TEST((files::read_file(folder.path / "four", 3).error() == errc::file_too_large));
    BOOST_TEST((files::read_file(folder.path / "none", 3).error() == errc::no_such_file_or_directory));
    BOOST_TEST((files::read_file(folder.path, 3).error() == errc::is_a_directory));
    BOOST_TEST((files::read_file(folder.path / "fifo", 3).error() == errc::not_supported));
}
