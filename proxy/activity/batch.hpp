#pragma once

#include "proxy/activity/batch_place.hpp"
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
    std::size_t index = 0;                   ///< its place in the list, and that of its answer in Meta's
    std::string method;                      ///< in capitals; what a field `method` says where there is one
    std::string path, query;                 ///< of relative_url; the path begins with "/" and may have a version
    std::string body;                        ///< urlencoded, or JSON where it was an object; empty where there is none
    std::string name;                        ///< by which other parts speak of it
    std::vector<std::string> attached_files; ///< the form's parts that belong to it
    std::size_t at = 0, size = 0;            ///< where it stands in Batch::json, without the commas around it

    // By whoever judges the parts.
    std::string_view category; ///< of the rule that matched, empty where none did
    bool stopped = false;      ///< Meta does not get it: it is told of whatever it is
};

struct Batch {
    BatchPlace place;
    std::string json; ///< the list as it was sent, its place's encoding taken off
    std::vector<BatchPart> parts;
    /// There is this batch alone, every part of it is here and can be read in one way only. Where it is false the batch
    /// can only be judged as one, by its address.
    bool whole = false;
};

/// The batch that a request to the root of graph.facebook.com is: field `batch` of the query, of a form (urlencoded or
/// multipart) or of a JSON object, or a JSON list alone. Nothing where it is none; one without parts where it cannot be
/// known. Pure; never throws but for memory.
std::optional<Batch> batch_of(const Seen& seen);

/// Whether a part can only be answered after another one: it speaks of it by its name.
bool needs(const Batch& batch, const BatchPart& part, const BatchPart& other);

/// What one part told; without a number where it is said of the batch as a whole.
struct PartEvents {
    std::optional<std::size_t> part;
    std::vector<Event> events;
};
/// As `events_of(seen)`, where the batch that `seen` carries was read already.
std::vector<PartEvents> events_of(const Seen& seen, const Batch& batch);

} // namespace paravent::activity
