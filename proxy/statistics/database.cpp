#include "proxy/statistics/database.hpp"

#include "proxy/statistics/time_text.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace paravent::statistics {
namespace {

namespace fs = std::filesystem;

constexpr int application_id = 0x50415256; // "PARV"
constexpr int format = 2;
constexpr int busy_ms = 1000;
/// Each connection is used by one thread at a time: SQLite need not lock for every call.
constexpr int open_flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
constexpr std::size_t max_broken = 8;

constexpr const char* schema = R"(
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE counts (id INTEGER PRIMARY KEY, hour INTEGER NOT NULL, data BLOB NOT NULL);
)";

std::string text_of(const fs::path& file)
{
    return file.string();
}

int number(SQLite::Database& db, const char* sql)
{
    return db.execAndGet(sql).getInt();
}

/// SQLite would create it for everybody to read.
void create_private(const fs::path& file)
{
    std::error_code ignored;
    if (fs::exists(file, ignored)) // closing a file ends all locks that this process has on it
        return;
    fs::create_directories(file.parent_path(), ignored);
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        ::close(fd);
    else if (errno != EACCES && errno != EROFS && errno != EPERM) // may still be there to read: SQLite says so
        throw Unusable(Unusable::Kind::unavailable, text_of(file) + " cannot be opened (" +
                                                        std::generic_category().message(errno) +
                                                        "): statistics are kept in memory only");
}

void create_tables(SQLite::Database& db)
{
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    db.exec("PRAGMA application_id = " + std::to_string(application_id));
    db.exec("PRAGMA user_version = " + std::to_string(format));
    db.exec(schema);
    transaction.commit();
}

/// Whether it is new and empty. @throws Unusable where it is damaged or not ours
bool check_identity(SQLite::Database& db, const fs::path& file)
{
    const int tables = number(db, "SELECT count(*) FROM sqlite_master");
    const int ours = number(db, "SELECT count(*) FROM sqlite_master WHERE name IN ('meta', 'events', 'counts')");
    const int id = number(db, "PRAGMA application_id");
    const int version = number(db, "PRAGMA user_version");
    if (id == 0 && tables == 0)
        return true;
    if (id == application_id && version > format)
        throw Unusable(Unusable::Kind::foreign, text_of(file) + " was written by a newer Paravent (format " +
                                                    std::to_string(version) +
                                                    "); it is left untouched, statistics are kept in memory only");
    if (ours != 3 && id != application_id)
        throw Unusable(Unusable::Kind::foreign,
                       text_of(file) + " is another program's database; it is left untouched, statistics are kept in "
                                       "memory only: choose another name under [statistics] path");
    if (ours == 3 && id == application_id && version > 0 && version < format)
        throw Unusable(Unusable::Kind::broken, text_of(file) + " was written by an older Paravent");
    if (ours != 3 || id != application_id || version != format)
        throw Unusable(Unusable::Kind::broken, text_of(file) + " is damaged");
    return false;
}

std::vector<fs::path> broken_ones(const fs::path& file)
{
    std::vector<fs::path> found;
    const auto prefix = file.filename().string() + ".broken-";
    std::error_code error;
    for (fs::directory_iterator entry(file.parent_path(), error), end; !error && entry != end; entry.increment(error))
        if (entry->path().filename().string().starts_with(prefix))
            found.push_back(entry->path());
    std::sort(found.begin(), found.end()); // the time in the name sorts them by age
    return found;
}

fs::path with(fs::path file, const char* ending)
{
    file += ending;
    return file;
}

} // namespace

Unusable unusable(const SQLite::Exception& error, const fs::path& file)
{
    using Kind = Unusable::Kind;
    const auto name = text_of(file);
    const std::string in_memory = ": statistics are kept in memory until it can be written again";
    switch (error.getErrorCode()) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {Kind::broken, name + " is damaged"};
    // A statement that does not fit the tables, or what they hold: the tables are not what we made.
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_FORMAT:
        return {error.getExtendedErrorCode() == SQLITE_CONSTRAINT_PRIMARYKEY ? Kind::ids_taken : Kind::broken,
                name + " is damaged (" + error.what() + ")"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {Kind::busy, name + " is locked by another process" + in_memory};
    case SQLITE_READONLY:
        return {Kind::unavailable, name + " is read-only" + in_memory};
    case SQLITE_FULL:
        return {Kind::unavailable, "the disk of " + name + " is full" + in_memory};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {Kind::unavailable, name + " cannot be opened" + in_memory};
    default:
        return {Kind::unavailable, name + " cannot be used (" + error.what() + ")" + in_memory};
    }
}

std::unique_ptr<SQLite::Database> open_for_writing(const fs::path& file, bool& fresh)
{
    create_private(file);
    auto db = std::make_unique<SQLite::Database>(file.string(), open_flags, busy_ms);
    db->exec("PRAGMA cell_size_check = ON; PRAGMA cache_size = -512; PRAGMA mmap_size = 0");
    fresh = check_identity(*db, file);
    if (sqlite3_db_readonly(db->getHandle(), "main") == 1)
        throw Unusable(Unusable::Kind::unavailable,
                       file.string() + " is read-only: statistics are kept in memory until it can be written again");
    if (fresh)
        db->exec("PRAGMA page_size = 1024");
    // FULL: what was flushed outlives a power cut as well, and with it which ids were given. One sync for each flush.
    db->exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; "
             "PRAGMA journal_size_limit = 4194304; PRAGMA secure_delete = FAST");
    if (fresh)
        create_tables(*db);
    return db;
}

std::unique_ptr<SQLite::Database> open_for_reading(const fs::path& file)
{
    // Not OPEN_READONLY: a reader may have to make the log's index anew.
    auto db = std::make_unique<SQLite::Database>(file.string(), open_flags, busy_ms);
    db->exec("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA cache_size = -256; PRAGMA mmap_size = 0");
    return db;
}

fs::path move_aside(const fs::path& file, std::int64_t now_ms)
{
    auto target = with(file, (".broken-" + compact_time(now_ms)).c_str());
    std::error_code error;
    for (int i = 2; fs::exists(target, error) && i < 100; ++i)
        target = with(file, (".broken-" + compact_time(now_ms) + "." + std::to_string(i)).c_str());

    // The log first: a database must never meet the log of another one.
    for (const auto* ending : {"-wal", "-shm"})
        fs::rename(with(file, ending), with(target, ending), error);
    fs::rename(file, target, error);
    if (error)
        return {};

    auto kept = broken_ones(file);
    std::erase_if(kept, [](const fs::path& p) { return p.string().ends_with("-wal") || p.string().ends_with("-shm"); });
    for (std::size_t i = 0; i + max_broken < kept.size(); ++i)
        for (const auto* ending : {"", "-wal", "-shm"})
            fs::remove(with(kept[i], ending), error);
    return target;
}

bool has_broken_ones(const fs::path& file)
{
    return !broken_ones(file).empty();
}

void remove_broken_ones(const fs::path& file)
{
    std::error_code ignored;
    for (const auto& broken : broken_ones(file))
        fs::remove(broken, ignored);
}

std::string_view bytes_in(const SQLite::Column& cell)
{
    const auto* const bytes = static_cast<const char*>(cell.getBlob());
    return {bytes, static_cast<std::size_t>(cell.getBytes())};
}

std::uint64_t bytes_on_disk(const fs::path& file)
{
    std::uint64_t bytes = 0;
    for (const auto* ending : {"", "-wal"}) {
        std::error_code error;
        const auto size = fs::file_size(with(file, ending), error);
        bytes += error ? 0 : size;
    }
    return bytes;
}

std::uint64_t identity_of(const fs::path& file)
{
    struct stat facts{};
    return ::stat(file.c_str(), &facts) == 0
               ? static_cast<std::uint64_t>(facts.st_ino) ^ (static_cast<std::uint64_t>(facts.st_dev) << 48)
               : 0;
}

} // namespace paravent::statistics
