#pragma once

#include <filesystem>
#include <string>

namespace paravent {

/// Makes the state directory (0700) and locks it for this process. @throws std::runtime_error with the way out where it
/// cannot be made or another service has it.
class StateDirectory {
public:
    explicit StateDirectory(std::filesystem::path path);
    ~StateDirectory();
    StateDirectory(const StateDirectory&) = delete;
    StateDirectory& operator=(const StateDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    /// The token that client commands send: kept from one start to the next, made where there is none (0600).
    std::string token() const;

private:
    std::filesystem::path path_;
    int lock_ = -1;
};

} // namespace paravent
