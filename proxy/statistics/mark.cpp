#include "proxy/statistics/mark.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <random>

namespace paravent::statistics {
namespace {

const char* key_of(Writer writer)
{
    return writer == Writer::owner ? "mark" : "mark of a guest";
}

} // namespace

Mark new_mark(Writer writer)
{
    // Not counted on from what the file says: a backup may be put in its place.
    std::random_device random;
    return {writer, std::int64_t{random()} << 30 | (random() >> 2) | 1};
}

std::int64_t mark_in(SQLite::Database& db, Writer writer)
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

} // namespace paravent::statistics
