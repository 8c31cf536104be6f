#include "config/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

using namespace paravent::config;

BOOST_AUTO_TEST_CASE(what_was_fuzzed_ends_in_settings_or_in_a_settings_error)
{
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(PARAVENT_SOURCE "/tests/fuzz/settings")) {
        BOOST_TEST_CONTEXT(entry.path().filename().string())
        {
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string text(std::istreambuf_iterator<char>(in), {});
            try {
                (void)parse_settings(text, "corpus.toml");
            } catch (const SettingsError& error) {
                BOOST_TEST(std::string_view(error.what()).starts_with("corpus.toml:"));
            }
            ++files;
        }
    }
    BOOST_TEST(files > 0U);
}
