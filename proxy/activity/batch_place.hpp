#pragma once

#include "proxy/activity/event.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace paravent::activity {

/// Where a request carries its batch. What is judged and what is taken out are found by this one reading.
struct BatchPlace {
    enum class In : std::uint8_t {
        nothing,
        query,     ///< a field, urlencoded
        form,      ///< a field of the body, urlencoded
        multipart, ///< a part's content
        member,    ///< a list in a JSON object
        text,      ///< the same, as a string: its quotes included
        list,      ///< the body is the list
    };
    In in = In::nothing;
    std::size_t at = 0, size = 0; ///< of the value, in the query or in the body
};

struct FoundBatch {
    BatchPlace place;
    std::string json; ///< the value, its place's encoding taken off
    /// There is no other field that somebody else could take for the batch, and all was read.
    bool only = false;
};

/// The field "batch" of a request. Where there are several the first, which is then not the only one.
FoundBatch find_batch(const Seen& seen);

} // namespace paravent::activity
