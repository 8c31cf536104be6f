#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <stdexcept>

namespace paravent::statistics {
namespace {

namespace fs = std::filesystem;

/// A database is its file, its log and the log's index.
void move_database(const fs::path& from, const fs::path& to)
{
    for (const char* const part : {"", "-wal", "-shm"}) {
        fs::remove(to.string() + part);
        if (fs::exists(from.string() + part))
            fs::rename(from.string() + part, to.string() + part);
    }
}

} // namespace

void Recorder::restore_from(const fs::path& source)
{
    state_->restore_from(source);
}

/// The copy is made beside the database first, so that a full disk is found out before anything has changed; then the
/// names change places, and change back where the copy cannot be opened.
void Recorder::State::restore_from(const fs::path& source)
{
    const std::lock_guard lock(disk);
    const fs::path incoming = file.string() + ".restored", before = file.string() + ".before-restore";
    (void)write(); // what is pending belongs to the database that goes
    try {
        fs::copy_file(source, incoming, fs::copy_options::overwrite_existing);
        fs::permissions(incoming, fs::perms::owner_read | fs::perms::owner_write);
    } catch (const fs::filesystem_error& error) {
        throw std::runtime_error("nothing was restored: " + std::string{error.what()});
    }
    try {
        close_store();
        move_database(file, before);
        move_database(incoming, file);
        number_anew = true; // it has another history
        open();
    } catch (const std::exception& error) {
        close_store();
        move_database(before, file);
        throw std::runtime_error("nothing was restored: " + std::string{error.what()});
    }
    {
        const std::lock_guard memory(mutex);
        hits.clear();
        hits_known = false;
        rows_of_day = 0;
        used_up_day = no_day;
        problem.clear();
    }
    for (const char* const part : {"", "-wal", "-shm"})
        fs::remove(before.string() + part);
    learn();
}

} // namespace paravent::statistics
