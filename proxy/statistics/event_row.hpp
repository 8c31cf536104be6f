#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/statistics/matching.hpp"

namespace SQLite {
class Statement;
}

namespace paravent::statistics {

/// The columns of `events` in the order that all functions here rely on.
inline constexpr const char* event_columns = "id, time, device, address, site, destination, product, verdict, flags, "
                                             "account, name, value, currency, identifiers, rule, more";
inline constexpr const char* insert_event =
    "INSERT INTO events (id, time, device, address, site, destination, product, verdict, flags, account, name, value, "
    "currency, identifiers, rule, more) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Binds the event to `insert_event`; its texts must live until the statement has run.
void bind(const activity::Event& event, SQLite::Statement& insert);

/// What queries ask of the row that the statement stands on; views live until its next step.
Facts facts_of(SQLite::Statement& row);

/// The row as an event. Whatever a damaged file holds there, the texts are valid UTF-8 and the numbers in range.
activity::Event event_of(SQLite::Statement& row);

} // namespace paravent::statistics
