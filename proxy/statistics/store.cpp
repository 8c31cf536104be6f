#include "proxy/statistics/store.hpp"

#include "proxy/statistics/count_blob.hpp"
#include "proxy/statistics/database.hpp"

#include <SQLiteCpp/Column.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace paravent::statistics {
namespace {

constexpr int long_log_pages = 1000;

} // namespace

Store::Store(const std::filesystem::path& file) : file_(file), db_(open_for_writing(file, fresh_))
{
    has_log_ = db_->execAndGet("PRAGMA journal_mode").getString() == "wal"; // not on every file system
    db_->execAndGet("PRAGMA user_version");                                 // the first look makes the log
    names_ = names();
    insert_event_ = std::make_unique<SQLite::Statement>(*db_, "INSERT INTO events (id, time, data) VALUES (?, ?, ?)");
    insert_counts_ = std::make_unique<SQLite::Statement>(*db_, "INSERT INTO counts (hour, data) VALUES (?, ?)");
    // SQLite would move the log inside the commit, which readers wait for.
    sqlite3_wal_hook(
        db_->getHandle(),
        [](void* pages, sqlite3*, const char*, int n) {
            *static_cast<int*>(pages) = n;
            return SQLITE_OK;
        },
        &log_pages_);
}

bool Store::in_place() const
{
    const auto found = names();
    return found[0] != 0 && found == names_ && (!has_log_ || (found[1] != 0 && found[2] != 0));
}

Store::Names Store::names() const
{
    const std::string real = sqlite3_db_filename(db_->getHandle(), "main"); // where `file_` is a link, the log is there
    return {identity_of(file_), identity_of(real + "-wal"), identity_of(real + "-shm")};
}

std::int64_t Store::ids()
{
    SQLite::Statement query(*db_, "SELECT value FROM meta WHERE key = 'ids'");
    const auto spoken_for = query.executeStep() ? query.getColumn(0).getInt64() : 1;
    const auto highest = db_->execAndGet("SELECT max(id) FROM events").getInt64(); // 0 where there is none
    return std::max({spoken_for, highest + 1, std::int64_t{1}});
}

void Store::reserve_ids(std::int64_t ids)
{
    SQLite::Statement write(*db_, "INSERT OR REPLACE INTO meta (key, value) VALUES ('ids', ?)");
    write.bind(1, ids);
    write.exec();
}

bool Store::has(Mark mark)
{
    return mark_in(*db_, mark.writer) == mark.value;
}

void Store::put(Mark mark)
{
    set_mark(*db_, mark);
}

void Store::forget_marks(std::int64_t now_ms)
{
    constexpr std::int64_t day_ms = 24 * hour_ms; // a process that hands over ends within minutes
    remove_marks_outside(*db_, now_ms - day_ms, now_ms + day_ms);
}

void Store::begin()
{
    db_->exec("BEGIN IMMEDIATE");
}

void Store::commit()
{
    db_->exec("COMMIT");
}

void Store::rollback() noexcept
{
    insert_event_->tryReset();
    insert_counts_->tryReset();
    (void)db_->tryExec("ROLLBACK");
}

void Store::insert(const EventBlob& event)
{
    insert_event_->reset();
    insert_event_->bind(1, event.id);
    insert_event_->bind(2, event.time_ms);
    insert_event_->bindNoCopy(3, event.data.data(), static_cast<int>(event.data.size()));
    insert_event_->exec();
}

void Store::insert(const HourCounts& counts)
{
    const auto bytes = encode(counts);
    insert_counts_->reset();
    insert_counts_->bind(1, counts.hour);
    insert_counts_->bindNoCopy(2, bytes.data(), static_cast<int>(bytes.size()));
    insert_counts_->exec();
    insert_counts_->reset();
    insert_counts_->clearBindings();
}

void Store::checkpoint_if_long()
{
    if (log_pages_ < long_log_pages)
        return;
    log_pages_ = 0; // a reader in the way: again when the log has grown further
    const int result = sqlite3_wal_checkpoint_v2(db_->getHandle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (result != SQLITE_OK && result != SQLITE_BUSY)
        throw SQLite::Exception(db_->getHandle(), result);
}

void Store::checkpoint() noexcept
{
    (void)sqlite3_wal_checkpoint_v2(db_->getHandle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

void Store::copy_to(const std::filesystem::path& file)
{
    auto part = file;
    part += ".part";
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), part.string());
    ::close(fd);
    try {
        SQLite::Statement copy(*db_, "VACUUM INTO ?");
        copy.bind(1, part.string());
        copy.exec();
        std::filesystem::rename(part, file);
    } catch (const std::exception&) {
        std::filesystem::remove(part, ignored);
        throw;
    }
}

std::uint64_t Store::events_since(std::int64_t time_ms, std::uint64_t at_most)
{
    SQLite::Statement query(*db_,
                            "SELECT count(*) FROM (SELECT time FROM events ORDER BY id DESC LIMIT ?) WHERE time >= ?");
    query.bind(1, static_cast<std::int64_t>(at_most));
    query.bind(2, time_ms);
    query.executeStep();
    return static_cast<std::uint64_t>(query.getColumn(0).getInt64());
}

std::optional<HourCounts> Store::old_hits()
{
    SQLite::Statement query(*db_, "SELECT value FROM meta WHERE key = 'hits'");
    if (!query.executeStep())
        return std::nullopt;
    return decode_counts(bytes_in(query.getColumn(0)));
}

void Store::each_hit(const std::function<void(std::string_view, std::uint64_t)>& visit)
{
    const auto visit_all = [&](const HourCounts& counts) {
        for (const auto& [rule, n] : counts.by(Dimension::rule))
            visit(rule, n.requests);
    };
    if (const auto old = old_hits())
        visit_all(*old);
    SQLite::Statement query(*db_, "SELECT data FROM counts");
    while (query.executeStep())
        if (const auto counts = decode_counts(bytes_in(query.getColumn(0))))
            visit_all(*counts);
}

} // namespace paravent::statistics
