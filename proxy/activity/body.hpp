#pragma once

#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_tree.hpp"
#include "proxy/activity/multipart.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace paravent::activity {

/// A longer body is read to here: as far as bodies are inflated.
inline constexpr std::size_t max_body_bytes = 8 * 1024 * 1024;

/// A request's body, inflated.
struct Body {
    std::string_view bytes, content_type;
    bool cut = false; ///< there was more than was captured or inflated
};

enum class BodyForm : std::uint8_t { none, urlencoded, multipart, json };

/// How a body is written. Beacons say text/plain whatever they carry, and some senders nothing at all, so its first
/// characters count more than its type.
BodyForm form_of(const Body& body) noexcept;

/// The parts of a multipart body, also where its boundary is not the one that was announced.
std::vector<Part> parts_in(const Body& body);

/// Adds the body's fields: of a form as they are; of a JSON object its members, those of an object in it by the form's
/// names ("cd[value]"), lists as JSON. A part with a file name counts like any other.
void add_fields(const Body& body, Fields& fields);

/// The members of a JSON object as fields.
void add_fields(const JsonNode& object, Fields& fields);
/// The same of a text.
void add_json_fields(std::string_view json, Fields& fields);

} // namespace paravent::activity
