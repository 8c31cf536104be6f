#pragma once

#include "statistics_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace paravent::statistics {

/// A database with some thousand events, closed.
inline void fill(const DatabaseFolder& folder, int events = 3000)
{
    Recorder recorder(options_for(folder));
    for (int i = 0; i < events; ++i)
        recorder.record(event("site" + std::to_string(i) + ".example"), config::Privacy::events);
}

/// Recording works and is counted, whatever has become of the database.
inline void records_and_counts(Recorder& recorder)
{
    const auto id = recorder.record(event("afterwards.example"), config::Privacy::events);
    BOOST_TEST(id > 0);
    EventQuery query;
    query.site = "afterwards.example";
    BOOST_TEST(!recorder.events(query).items.empty());
    BOOST_TEST(recorder.stats({}).total.requests >= 1u);
    recorder.flush();
    BOOST_TEST(!recorder.events(query).items.empty());
}

} // namespace paravent::statistics
