#pragma once

#include <cstdint>

namespace SQLite {
class Database;
} // namespace SQLite

namespace paravent::statistics {

enum class Writer : std::uint8_t {
    owner,
    guest ///< the process before a new version, while it comes to its end
};

/// Every transaction leaves a number of its own in the database. A commit that failed (the disk took the log but did
/// not say that it is safe) may be in the database all the same, once the log is read anew: by its mark we know.
struct Mark {
    Writer writer = Writer::owner;
    std::int64_t value = 0; ///< 0: no mark
};

Mark new_mark(Writer writer);

/// That of this writer's last transaction; 0 where there is none. @throws SQLite::Exception
std::int64_t mark_in(SQLite::Database& db, Writer writer);
/// @throws SQLite::Exception
void set_mark(SQLite::Database& db, Mark mark);

} // namespace paravent::statistics
