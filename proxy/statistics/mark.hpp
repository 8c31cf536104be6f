#pragma once

#include <cstdint>

namespace SQLite {
class Database;
} // namespace SQLite

namespace paravent::statistics {

/// Every transaction leaves a mark in the database, one row for each writer. A commit that failed (the disk took the
/// log but did not say that it is safe) may be in the database all the same, once the log is read anew: by its mark we
/// know. Several write while one version hands over to the next, so each writes under a number of its own.
struct Mark {
    std::int64_t writer = 0;
    std::int64_t value = 0; ///< 0: no mark. Grows, and is the transaction's time in milliseconds where that grows too
};

/// Chosen at random: a backup may bring the marks of another computer.
std::int64_t new_writer();

/// That of this writer's last transaction; 0 where there is none. @throws SQLite::Exception
std::int64_t mark_in(SQLite::Database& db, std::int64_t writer);
/// @throws SQLite::Exception
void set_mark(SQLite::Database& db, Mark mark);
/// All marks of other times than this, of writers that have ended. @throws SQLite::Exception
void remove_marks_outside(SQLite::Database& db, std::int64_t from_ms, std::int64_t to_ms);

} // namespace paravent::statistics
