#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::imports {

/// What is wrong with a file, as a sentence for a person; empty: nothing.
using Problem = std::string;

/// The way out of most of them.
inline constexpr std::string_view what_to_ask_for =
    "Ask Meta for it: in the Accounts Center, under \"Your information and permissions\", download your information; "
    "choose \"Apps and websites off of Facebook\" (\"off of Instagram\"), all time, format JSON. Then drop the file "
    "here as it comes.";

inline Problem no_room()
{
    return "This export holds more than Paravent takes: more than 50,000 businesses, or more kinds of events than a "
           "person can have. Ask Meta for a shorter time, and drop one file after the other.";
}

inline Problem breaks_off()
{
    return "This file breaks off before its end: download it again, and drop it as it comes.";
}

inline Problem unread_times(std::uint64_t events)
{
    return (events == 1 ? std::string("The one event of this file has a time")
                        : "The " + std::to_string(events) + " events of this file have times") +
           " in a language that is not read here: ask Meta for the format JSON.";
}

inline Problem nothing_usable()
{
    return "Nothing in this file can be used: its times cannot be read. It was changed on its way, or Meta has begun "
           "to "
           "write another way: download it again, in the format JSON, and drop it as it comes.";
}

inline Problem nothing_inside(std::string_view what)
{
    return std::string(what) + " holds none of what others told Meta about you. " + std::string(what_to_ask_for);
}

} // namespace paravent::imports
