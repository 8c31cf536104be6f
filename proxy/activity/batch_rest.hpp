#pragma once

#include "proxy/activity/batch.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace paravent::activity {

/// What remains of a request when parts of its batch were taken out.
struct BatchRest {
    std::string query; ///< without "?"; as it was unless the batch stood in it
    std::string body;  ///< not compressed
};

/// The request without these parts of its batch, and without the files that belong to them alone; all else is as it
/// was, byte for byte. Nothing where what is left would be read as something else.
/// @param taken indices into batch.parts; batch must be whole
std::optional<BatchRest> without(const Seen& seen, const Batch& batch, std::span<const std::size_t> taken);

} // namespace paravent::activity
