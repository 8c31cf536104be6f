#pragma once

#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/parts.hpp"
#include "proxy/dashboard/reply.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

// A backup is the statistics database with one table more, paravent_backup(name, content), that holds the texts of
// policy.json, paravent.toml, checklist.json and the imports of Meta's exports; and, where a passphrase was given, the
// authorities with their keys encrypted by it.
namespace paravent::dashboard {

inline constexpr std::uint64_t max_backup_bytes = 1ull << 30;

/// Why a text is no passphrase; empty where it is one.
std::string problem_with_passphrase(std::string_view passphrase);

/// Makes a backup at `file`, which must not exist. Without a passphrase no authority is in it.
/// @throws std::exception with a sentence
void write_backup(const Parts& parts, const std::filesystem::path& file, std::string_view passphrase = {});

struct Checked {
    Restored content;
    std::string settings;           ///< the text of paravent.toml, empty where the settings were the defaults
    tls::AuthorityList authorities; ///< newest first; none where no passphrase was given
    std::optional<Ticks> checklist; ///< nothing: the backup was made before there was one
    std::optional<std::map<std::string, std::string>> imports; ///< of Meta's exports, by id; nothing as above
    bool has_authorities = false;                              ///< whether the backup has any
};
/// Checks a backup that lies at `file` in a folder of its own, and turns it into a plain statistics database there.
/// The problem names what is wrong; nothing outside the folder was touched.
result<Checked> check_backup(const std::filesystem::path& file, const config::Settings& settings,
                             std::string_view passphrase = {});

/// An empty folder for one backup or restore, gone with the object. A name of its own, so that what a killed process
/// left is found.
class Workspace {
public:
    /// @throws std::filesystem::filesystem_error
    explicit Workspace(const std::filesystem::path& state_directory);
    ~Workspace();
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    std::filesystem::path file(std::string_view name) const { return folder_ / name; }

private:
    std::filesystem::path folder_;
};

} // namespace paravent::dashboard
