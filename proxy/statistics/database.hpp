#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace SQLite {
class Column;
class Database;
class Exception;
} // namespace SQLite

namespace paravent::statistics {

/// Why the database cannot be used now, as a sentence for the owner.
class Unusable : public std::runtime_error {
public:
    enum class Kind : std::uint8_t {
        broken,      ///< its content is damaged: to be moved aside
        ids_taken,   ///< it holds events under ids that were given here too: to be numbered anew
        foreign,     ///< a newer format, or not ours: to be left untouched
        busy,        ///< another process holds it
        unavailable, ///< read-only, disk full, folder missing …: to be tried again
    };
    Unusable(Kind kind, const std::string& sentence) : std::runtime_error(sentence), kind_(kind) {}
    Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

/// What an error of SQLite means for the database in `file`.
Unusable unusable(const SQLite::Exception& error, const std::filesystem::path& file);

/// Opens the database or creates it (0600), checks that it is ours and of this format, and sets it up for writing: WAL
/// without checkpoints of SQLite's own, synchronous=FULL. Waits at most a second for another process.
/// `fresh` says whether it was created. @throws Unusable, SQLite::Exception
std::unique_ptr<SQLite::Database> open_for_writing(const std::filesystem::path& file, bool& fresh);

/// For queries beside the writer. @throws SQLite::Exception
std::unique_ptr<SQLite::Database> open_for_reading(const std::filesystem::path& file);

/// Renames the database with its log to NAME.broken-YYYYMMDDTHHMMSS and returns that name, empty where it cannot be.
/// The eight latest are kept.
std::filesystem::path move_aside(const std::filesystem::path& file, std::int64_t now_ms);
bool has_broken_ones(const std::filesystem::path& file);
void remove_broken_ones(const std::filesystem::path& file);

/// The blob in a row; lives until the statement's next step.
std::string_view bytes_in(const SQLite::Column& cell);

/// Of the database and its log; 0 where there is none.
std::uint64_t bytes_on_disk(const std::filesystem::path& file);

/// Tells one file from another that took its name; 0 where there is none.
std::uint64_t identity_of(const std::filesystem::path& file);

} // namespace paravent::statistics
