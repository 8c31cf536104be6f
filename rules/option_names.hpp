#pragma once

#include "rules/filter.hpp"

namespace paravent::rules {

/// What the options of filter lists are about. Each that some blocker knows is treated deliberately; rules/README.md
/// has the table for people.
enum class Option : std::uint8_t {
    type,
    all,
    third,
    first,
    strict_third,
    strict_first,
    domain,
    to,
    denyallow,
    important,
    badfilter,
    match_case,
    method,
    redirect,
    popup,
    not_intercepted,
    empty,
    mp4,
    nothing,  // says nothing about what is matched
    page,     // about a page's elements, not about requests
    modifier, // changes a request or its reply, blocks nothing
    reply,    // needs the reply, which comes too late
    address,  // needs the address that a name stands for
    device,   // for some devices or apps, in the words of another program
    dns,      // about the questions and answers of a DNS server
};

struct KnownOption {
    std::string_view name;
    Option option;
    TypeMask types = 0; ///< of Option::type
};

/// Null where no blocker that we know of has such an option. Names that begin with two underscores are AdGuard's
/// "noop".
const KnownOption* find_option(std::string_view name) noexcept;

} // namespace paravent::rules
