#pragma once

#include "proxy/files/file.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace paravent::desktop {

/// The turn of one command to read the memory, change settings and write the memory. Of two at once, the second would
/// take for "before" what the first has just set, or write over what the first remembers.
class Turn {
public:
    /// Waits for the others' end, in STATE/system-proxy.lock; makes the folder where there is none. A disk that takes
    /// no file takes no memory either, so there nobody is waited for. @throws std::runtime_error after `patience`
    explicit Turn(std::filesystem::path state_directory, std::chrono::milliseconds patience = std::chrono::seconds{30});
    /// What it made goes again, unless there is something to remember.
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    const std::filesystem::path folder_, file_;
    std::unique_ptr<files::File> lock_; ///< null where the disk takes none
};

} // namespace paravent::desktop
