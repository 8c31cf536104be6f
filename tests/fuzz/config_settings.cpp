#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>

using namespace paravent::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)parse_duration(text);
    (void)parse_endpoint(text, 53);
    try {
        (void)parse_settings(text, "fuzz.toml");
    } catch (const SettingsError&) {
        return 0;
    }
    return 0;
}
