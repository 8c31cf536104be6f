#pragma once

#include "proxy/statistics/counters.hpp"

#include <optional>
#include <span>
#include <string>

namespace paravent::statistics {

/// The counts of an hour as the database keeps them: LEB128 numbers and labels with their length in front; an hour of a
/// home takes some hundred bytes. `hour` is not part of it.
std::string encode(const HourCounts& counts);

/// Nothing where the bytes are not whole; `hour` is left 0.
std::optional<HourCounts> decode_counts(std::string_view bytes);

} // namespace paravent::statistics
