#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::lists {

/// A text that says it is a list, looked at before it takes the place of one.
struct Candidate {
    std::string fault; ///< a sentence's end why it is none: "is a web page, no list"; empty: it is one
    std::size_t rules = 0;
    std::optional<std::chrono::seconds> expires; ///< what its own "! Expires:" says
};

/// Reads all of it, rules included, in memory of about twice its size.
Candidate examine(std::string_view text);

/// The time of a line "! Expires: 4 days" (days where no unit is written) among a list's first lines.
std::optional<std::chrono::seconds> expires_in(std::string_view text);

/// Whether a list may take the place of one with so many rules: one that shrinks to less than a twentieth was cut or
/// replaced, and is worth a look by its owner.
bool has_shrunk_away(std::size_t rules_before, std::size_t rules);

} // namespace paravent::lists
