#pragma once

#include <string>
#include <vector>

namespace paravent::desktop {

/// What a program of the desktop's said.
struct Said {
    bool there = true; ///< it could be started
    int status = -1;   ///< its exit status; -1: ended by a signal or by the deadline
    std::string out;   ///< standard output, at most 256 KiB, without the last line's end
    std::string error; ///< standard error, the same
};

/// Runs a program found by PATH and waits for its end, 10 s at most. It has the environment of this one, English
/// messages, and `more` ("NAME=value") over both.
Said run(const std::vector<std::string>& words, const std::vector<std::string>& more = {});

/// The last line that a program said about its failure; `otherwise` where it said nothing.
std::string reason(const Said& said, const std::string& otherwise);

} // namespace paravent::desktop
