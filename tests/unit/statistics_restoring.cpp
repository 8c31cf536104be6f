#include "statistics_afterwards.hpp"

#include <boost/test/unit_test.hpp>

#include <SQLiteCpp/Database.h>

#include <algorithm>
#include <memory>
#include <set>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;
namespace fs = std::filesystem;
using State = DatabaseState::State;

namespace {

void record(Recorder& recorder, const char* site, int events)
{
    for (int i = 0; i < events; ++i)
        recorder.record(event(site), Privacy::events);
}

/// A copy of another box's database.
fs::path backup_of_another(const DatabaseFolder& folder, int events)
{
    const auto copy = folder.path / "backup.db";
    Recorder other(options_for(folder));
    record(other, "other.example", events);
    other.copy_to(copy);
    return copy;
}

std::size_t of_site(const Recorder& recorder, const char* site)
{
    EventQuery query;
    query.limit = 1000;
    query.site = site;
    return recorder.events(query).items.size();
}

void holds(const Recorder& recorder, const DatabaseFolder& folder, std::size_t events)
{
    BOOST_TEST((recorder.database().state == State::ok));
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
    BOOST_TEST(stored_events(recorder) == events);
    BOOST_TEST(recorder.stats({}).total.requests == events);
}

} // namespace

BOOST_AUTO_TEST_SUITE(restoring)

BOOST_AUTO_TEST_CASE(ids_go_on_above_those_in_another_boxs_backup)
{
    const DatabaseFolder folder, other;
    const auto backup = backup_of_another(other, 10);
    {
        Recorder recorder(options_for(folder));
        record(recorder, "own.example", 3);
        recorder.flush();
        recorder.restore_from(backup);
        record(recorder, "after.example", 4);
        recorder.flush();
        holds(recorder, folder, 14);
    }
    Recorder again(options_for(folder));
    record(again, "again.example", 1);
    again.flush();
    holds(again, folder, 15);
    BOOST_TEST(of_site(again, "after.example") == 4u);
}

BOOST_AUTO_TEST_CASE(an_older_copy_of_its_own_goes_on_above_all_ids_that_were_given)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    record(recorder, "early.example", 3);
    recorder.copy_to(folder.path / "backup.db");
    record(recorder, "late.example", 5);
    recorder.flush();
    recorder.restore_from(folder.path / "backup.db");
    BOOST_TEST(recorder.record(event("after.example"), Privacy::events) > 8);
    recorder.flush();
    holds(recorder, folder, 4);
}

BOOST_AUTO_TEST_CASE(what_could_not_be_written_before_is_written_after_under_other_ids)
{
    const DatabaseFolder folder, other;
    const auto backup = backup_of_another(other, 10);
    Recorder recorder(options_for(folder));
    {
        SQLite::Database lock(folder.database().string(), SQLite::OPEN_READWRITE, 5000);
        lock.exec("BEGIN IMMEDIATE");
        record(recorder, "waiting.example", 3);
        recorder.restore_from(backup);
    }
    recorder.flush();
    holds(recorder, folder, 13);
}

BOOST_AUTO_TEST_CASE(an_event_whose_id_is_taken_gets_another_and_the_database_stays)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    record(recorder, "own.example", 3);
    recorder.flush();
    // Somebody has put rows in, as if another file had taken this one's place.
    SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE, 5000)
        .exec("INSERT INTO events (id, time, data) SELECT id + 3, time, data FROM events");
    record(recorder, "after.example", 2);
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::ok));
    BOOST_TEST(folder.files("statistics.db.broken-").empty());
    BOOST_TEST(stored_events(recorder) == 8u);
    BOOST_TEST(recorder.record(event(), Privacy::events) > 8);
}

BOOST_AUTO_TEST_CASE(a_guest_whose_ids_are_taken_writes_under_others)
{
    const DatabaseFolder folder, other;
    const auto backup = backup_of_another(other, 10);
    auto guest = std::make_unique<Recorder>(options_for(folder));
    record(*guest, "before.example", 3);
    guest->hand_over();
    Recorder owner(options_for(folder));
    owner.restore_from(backup);
    record(*guest, "late.example", 2);
    guest.reset();
    record(owner, "after.example", 2);
    owner.flush();
    holds(owner, folder, 14);
}

BOOST_AUTO_TEST_CASE(tables_that_are_not_ours_are_damage_still)
{
    const DatabaseFolder folder;
    fill(folder, 10);
    SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE)
        .exec("CREATE TABLE other (id INTEGER PRIMARY KEY, time INTEGER NOT NULL CHECK (time < 0), data BLOB);"
              "DROP TABLE events; ALTER TABLE other RENAME TO events");
    Recorder recorder(options_for(folder));
    record(recorder, "after.example", 1);
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::moved));
    BOOST_TEST(stored_events(recorder) == 1u);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_taken_whatever_the_id_is_damage_still)
{
    const DatabaseFolder folder;
    fill(folder, 10);
    SQLite::Database(folder.database().string(), SQLite::OPEN_READWRITE)
        .exec("CREATE TABLE other (id INTEGER, time INTEGER PRIMARY KEY, data BLOB);"
              "DROP TABLE events; ALTER TABLE other RENAME TO events");
    Recorder recorder(options_for(folder));
    record(recorder, "after.example", 2); // at the same time
    recorder.flush();
    BOOST_TEST((recorder.database().state == State::moved));
    BOOST_TEST(stored_events(recorder) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
