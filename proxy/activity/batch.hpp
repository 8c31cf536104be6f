#pragma once

#include "proxy/activity/event.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace paravent::activity {

/// Meta takes 50 requests in a batch; of a longer list these are looked at, and it counts as not whole.
inline constexpr std::size_t max_batch_parts = 64;

/// One request in a batch: what would stand in a request line and a body of its own.
struct BatchPart {
    std::size_t index = 0;        ///< its place in the list, and that of its answer in Meta's
    std::string method;           ///< as sent ("POST"); may be empty
    std::string path, query;      ///< of relative_url; the path begins with "/" and may have a version
    std::string body;             ///< urlencoded, or JSON where it was an object; empty where there is none
    std::string attached_files;   ///< names of the form's parts that belong to it, with commas between them
    std::size_t at = 0, size = 0; ///< where it stands in Batch::json, without the commas around it
};

struct Batch {
    std::string json; ///< the list as it was sent, the form's encoding taken off
    std::vector<BatchPart> parts;
    /// Every part is here and was understood. Where it is false the batch can only be judged as one, by its address.
    bool whole = false;
};

/// The batch that a request to the root of graph.facebook.com is: field `batch` of the query, of a form (urlencoded or
/// multipart) or of a JSON object, or a JSON list alone. Nothing where it is none. Pure; never throws but for memory.
std::optional<Batch> batch_of(const Seen& seen);

/// The parts of such a list.
Batch read_batch(std::string json);

/// What one part told; without a number where it is said of the batch as a whole.
struct PartEvents {
    std::optional<std::size_t> part;
    std::vector<Event> events;
};
/// As `events_of(seen)`, where the batch that `seen` carries was read already.
std::vector<PartEvents> events_of(const Seen& seen, const Batch& batch);

} // namespace paravent::activity
