#pragma once

#include <string>
#include <string_view>

namespace paravent::policy {

class Devices;
struct Record;

/// UTF-8 without control characters and marks of direction, 1 to `most` bytes: safe on a terminal and in JSON.
bool is_plain_text(std::string_view text, std::size_t most) noexcept;

/// A name that the owner gives to `record`, trimmed. @throws PolicyError where it is taken, empty, too long, or could
/// be mistaken for an address or another device's id
std::string checked_name(std::string_view name, const Record& record, Devices& devices);

} // namespace paravent::policy
