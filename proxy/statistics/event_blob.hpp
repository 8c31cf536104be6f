#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/statistics/matching.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace paravent::statistics {

/// An event as it is kept, in memory until it is written and in the database after: id and time for themselves, all
/// else as bytes. A quarter of the memory, and nothing has to be made anew to write it.
struct EventBlob {
    std::int64_t id = 0;
    std::int64_t time_ms = 0;
    std::string_view data;
};

/// Room that `encode` needs at most.
std::size_t most_bytes(const activity::Event& event) noexcept;
/// Writes an event that is within its bounds (privacy.hpp); returns where its bytes end.
char* encode(const activity::Event& event, char* to) noexcept;

/// What queries ask; views into the blob. Nothing where it is damaged (what queries do not ask about is not looked at).
std::optional<Facts> facts_of(const EventBlob& blob) noexcept;
/// The same with more; `out` keeps its memory from call to call. False where the blob is damaged.
bool read_detail(const EventBlob& blob, Detail& out);

/// Nothing where it is damaged. Whatever the bytes are, the texts are valid UTF-8 and the numbers in range.
std::optional<activity::Event> event_of(const EventBlob& blob);

} // namespace paravent::statistics
