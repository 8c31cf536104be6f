#pragma once

#include "rules/request.hpp"

#include <cstdint>
#include <string_view>

namespace paravent::rules {

/// A rule as people can look it up. The views belong to the Ruleset that made them.
struct Rule {
    std::string_view list;  ///< "meta" for all lists of ours, else the `[[list]]` name
    std::string_view id;    ///< our rule's identifier; for other lists the line number
    std::string_view text;  ///< the line as written
    std::string_view file;  ///< the list's own name, also where `list` is "meta": "pixel-event"
    std::uint32_t line = 0; ///< from 1; 0: it stands in no list, the owner made it
    Category category = Category::other;
    std::string_view category_name; ///< the word of `[[list]] category` where `category` is `other`
    std::string_view sentence;      ///< our own rules say in plain words what is told to Meta; else empty

    explicit operator bool() const noexcept { return line != 0 || !id.empty(); }
};

/// What the rules say about one request.
struct Verdict {
    Action action = Action::allow;
    Rule rule;              ///< the rule that decided; empty where none matched
    Rule overrode;          ///< the blocking rule that an exception set aside; empty elsewhere
    bool exception = false; ///< `rule` is an exception (@@)
    /// host_only requests: an active rule about paths of this host exists, so the verdict could differ seen whole.
    bool needs_inside = false;
    std::string_view redirect; ///< the surrogate that the rule names (`redirect=`); empty elsewhere
};

} // namespace paravent::rules
