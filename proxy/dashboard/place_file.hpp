#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::dashboard {

/// What a box that packaging/pi/first-boot has set up is in the home: STATE/place (0600), lines "KEY = VALUE". Where
/// there is no such file, nobody would put a choice into effect, and none is offered.
struct PlaceChoice {
    std::string mode;                 ///< one of `place_modes`
    std::vector<std::string> servers; ///< addresses; who is asked for names in mode dns, none = the router
};
inline constexpr std::array<std::string_view, 3> place_modes = {"proxy", "dns", "gateway"};
inline constexpr std::size_t most_place_servers = 4;
bool is_place_mode(std::string_view text) noexcept;

/// What came of the choice: STATE/place.done, by first-boot.
struct PlaceOutcome {
    std::string mode; ///< what the box does now; empty: the choice was not put into effect
    std::string said; ///< one sentence
};

/// A file that cannot be used: a sentence in what().
class PlaceError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Whether there is such a file, in order or not.
bool offers_place(const std::filesystem::path& state_directory);
/// Nothing where there is none. @throws PlaceError
std::optional<PlaceChoice> read_place(const std::filesystem::path& state_directory);
/// Nothing while the choice is being put into effect. @throws PlaceError
std::optional<PlaceOutcome> read_place_outcome(const std::filesystem::path& state_directory);
/// From then on there is no outcome until first-boot writes one. @throws PlaceError where it cannot be written; the old
/// choice stays then
void write_place(const std::filesystem::path& state_directory, const PlaceChoice& choice);

} // namespace paravent::dashboard
