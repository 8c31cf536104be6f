#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace paravent::config;

/// Whatever stands in a file of settings, it ends in settings or in an error that names the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)parse_duration(text);
    (void)parse_endpoint(text, 53);
    try {
        (void)parse_settings(text, "fuzz.toml");
    } catch (const SettingsError& error) {
        if (!std::string_view(error.what()).starts_with("fuzz.toml:"))
            std::abort();
    }
    return 0;
}
