#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

// PARAVENT_FUZZED is X(name) for each file of tests/fuzz, whose function is called fuzz_name here; see
// tests/CMakeLists.txt.

#define X(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
PARAVENT_FUZZED
#undef X

namespace {

/// What fuzzing kept goes through the same function as it did there; what does not hold ends the program by abort().
void replay(const char* name, int (*input)(const std::uint8_t*, std::size_t))
{
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(PARAVENT_SOURCE "/tests/fuzz/") + name)) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(in), {});
        BOOST_TEST_MESSAGE(entry.path());
        BOOST_TEST(input(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) == 0);
        ++files;
    }
    BOOST_TEST(files > 0U);
}

} // namespace

#define X(name)                                                                                                        \
    BOOST_AUTO_TEST_CASE(name)                                                                                         \
    {                                                                                                                  \
        replay(#name, fuzz_##name);                                                                                    \
    }
BOOST_AUTO_TEST_SUITE(kept_by_fuzzing)
PARAVENT_FUZZED
BOOST_AUTO_TEST_SUITE_END()
#undef X
