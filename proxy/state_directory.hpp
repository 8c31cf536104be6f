#pragma once

#include <filesystem>
#include <mutex>
#include <string>

namespace paravent {

/// Makes the state directory (0700) and locks it for this process. A full or read-only disk is a problem, not an end:
/// traffic must flow. @throws std::runtime_error with the way out where the path cannot be one or another service has
/// it
class StateDirectory {
public:
    /// `lock`: a descriptor of its lock that was handed on to this process (-1: none); it is taken where it is that.
    explicit StateDirectory(std::filesystem::path path, int lock = -1);
    ~StateDirectory();
    StateDirectory(const StateDirectory&) = delete;
    StateDirectory& operator=(const StateDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    /// The token that client commands send: kept from one start to the next, made where there is none (0600).
    const std::string& token() const noexcept { return token_; }
    /// A sentence where it cannot be written, else empty.
    std::string problem() const;
    /// What could not be written at the start, once more. True where that is done now; false also where nothing was
    /// left to do.
    bool try_again();
    int lock() const; ///< its descriptor, -1 where there is none
    /// Another process has the lock now, and goes on with it.
    void leave() noexcept;

private:
    void take_lock(int handed_on);
    void read_or_make_token();
    void write_token();

    const std::filesystem::path path_;
    std::string token_;
    mutable std::mutex mutex_; ///< a reload may come by any thread
    std::string problem_;
    int lock_ = -1;
    bool is_written_ = false, is_left_ = false;
};

} // namespace paravent
