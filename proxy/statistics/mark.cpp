#include "proxy/statistics/mark.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <random>
#include <string>

namespace paravent::statistics {
namespace {

std::string key_of(std::int64_t writer)
{
    return "mark " + std::to_string(writer);
}

} // namespace

std::int64_t new_writer()
{
    std::random_device random;
    return std::int64_t{random()} << 31 | (random() >> 1);
}

std::int64_t mark_in(SQLite::Database& db, std::int64_t writer)
{
    SQLite::Statement query(db, "SELECT value FROM meta WHERE key = ?");
    query.bind(1, key_of(writer));
    return query.executeStep() ? query.getColumn(0).getInt64() : 0;
}

void set_mark(SQLite::Database& db, Mark mark)
{
    SQLite::Statement write(db, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
    write.bind(1, key_of(mark.writer));
    write.bind(2, mark.value);
    write.exec();
}

void remove_marks_outside(SQLite::Database& db, std::int64_t from_ms, std::int64_t to_ms)
{
    SQLite::Statement remove(db, "DELETE FROM meta WHERE key LIKE 'mark%' AND value NOT BETWEEN ? AND ?");
    remove.bind(1, from_ms);
    remove.bind(2, to_ms);
    remove.exec();
}

} // namespace paravent::statistics
