#pragma once

#include "proxy/desktop/setting.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace paravent::desktop {

/// What the owner asked for, so that it can be done again when the service comes back.
struct Asked {
    bool all = false, fixed = false, shells = false, network_manager = false;
    bool operator==(const Asked&) const = default;
};

/// One place as it was, and as we left it.
struct Changed {
    Values before, ours;
};

/// What stood there before, until it is put back.
struct Memory {
    std::optional<Asked> asked;
    std::map<std::string, Changed> places; ///< by Setting::name
};

/// STATE/system-proxy.json
std::filesystem::path memory_file(const std::filesystem::path& state_directory);
/// Where there is none, as the service makes it. False where it cannot be made.
bool make_folder(const std::filesystem::path& state_directory);

/// No file: nothing to remember. @throws std::runtime_error with a sentence naming the file
Memory read_memory(const std::filesystem::path& state_directory);
/// Writes it whole or not at all; with nothing in it the file goes. @throws the same
void write_memory(const std::filesystem::path& state_directory, const Memory& memory);

} // namespace paravent::desktop
