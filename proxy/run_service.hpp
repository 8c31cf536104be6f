#pragma once

#include <filesystem>

namespace paravent {

struct RunOptions {
    std::filesystem::path config;  ///< as given by --config, or empty
    std::filesystem::path state;   ///< as given by --state, or empty
    std::filesystem::path program; ///< this program's own path, to find the settings beside its build
};

/// The service in the foreground, from its settings to its last byte. Returns the exit code: 0 after a proper end,
/// 1 where it could not start (one clear line on stderr says why).
int run_service(const RunOptions& options);

} // namespace paravent
