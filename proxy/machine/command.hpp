#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::machine {

/// What a program of this computer said.
struct CommandResult {
    enum class State : std::uint8_t { done, refused, missing } state = State::missing;
    std::string text; ///< its output; what it complained of where it refused
};
/// What becomes of a program when this process is told to end: Ctrl-C and systemd's stop reach both.
enum class WhenToldToEnd : std::uint8_t { ends, finishes };
/// Runs a program (its short name) to its end, ten seconds at most, with an empty environment. It is given `input`, and
/// has to read all of it before it says much.
CommandResult run(const std::string& program, const std::vector<std::string>& words, std::string_view input = {},
                  WhenToldToEnd then = WhenToldToEnd::ends);

} // namespace paravent::machine
