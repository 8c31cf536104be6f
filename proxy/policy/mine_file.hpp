#pragma once

#include "proxy/activity/mine.hpp"

#include <boost/system/error_code.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace paravent::policy {

/// STATE/mine.json: the marks of what the owner gave for "was that mine?", and the key they are made with. Only its
/// user can read it (0600), it goes with the last mark, and being a file of its own it is in no backup.
class MineFile {
public:
    explicit MineFile(const std::filesystem::path& directory) : path_(directory / "mine.json") {}

    /// Null where there is no file, or `problem` says why it cannot be used.
    std::shared_ptr<const activity::Mine> read(std::string& problem) const;
    /// The old file or the new one, whatever happens; without marks the file is removed.
    boost::system::error_code write(const activity::Mine& mine) const;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// The key of an install. @throws std::runtime_error where the kernel gives none
activity::Mine::Bytes fresh_mine_key();

} // namespace paravent::policy
