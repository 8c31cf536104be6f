#include "proxy/helper/process.hpp"
#include "tests/unit/folder.hpp"

#include <boost/test/unit_test.hpp>

using paravent::helper::program_beside;
namespace fs = std::filesystem;

namespace {

/// A place where programs are installed: bin/paravent.
struct Place {
    Place() { put("bin/paravent"); }
    fs::path put(const fs::path& name) const
    {
        fs::create_directories((folder.path / name).parent_path());
        write(folder.path / name, "");
        return folder.path / name;
    }
    fs::path found() const { return program_beside(folder.path / "bin/paravent", "paravent-fetch"); }

    Folder folder;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_built_program_has_its_helpers_beside_it)
{
    const Place place;
    const auto beside = place.put("bin/paravent-fetch");
    place.put("libexec/paravent/paravent-fetch"); // an installed one is not of the same build
    BOOST_TEST(place.found() == beside);
}

BOOST_AUTO_TEST_CASE(an_installed_program_has_its_helpers_in_libexec)
{
    const Place place;
    const auto installed = place.put("libexec/paravent/paravent-fetch");
    BOOST_TEST(place.found() == installed);
}

BOOST_AUTO_TEST_CASE(a_helper_that_is_nowhere_is_named_where_it_should_be)
{
    const Place place;
    BOOST_TEST(place.found() == place.folder.path / "bin/paravent-fetch");
}
