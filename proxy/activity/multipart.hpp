#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace paravent::activity {

inline constexpr std::size_t max_parts = 512;          ///< of a multipart body; the rest is not looked at
inline constexpr std::size_t max_part_head = 4 * 1024; ///< bytes of a part's header lines
inline constexpr std::size_t max_boundary = 256;       ///< RFC 2046 allows 70

/// One part of multipart/form-data (RFC 7578). Views of the body.
struct Part {
    std::string_view name, file_name, content;
    bool whole = true; ///< a boundary came behind it
};

/// The parts of a body, in their order. `boundary` is the parameter of the Content-Type; where it is empty the body's
/// first line tells it. A body that is cut off ends with the part that was begun.
std::vector<Part> parts_of_form(std::string_view body, std::string_view boundary);

} // namespace paravent::activity
