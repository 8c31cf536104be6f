#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::dashboard {

/// What a person can ask of Meta (meta-reference.md's links move, so they stand in one dated file, links.json).
struct Step {
    std::string id, url;
    struct Due {
        std::string what;
        int days; ///< after the day on which it was done
    };
    std::vector<Due> due;
};
struct Steps {
    std::string checked; ///< the day on which somebody looked whether the links lead there
    std::vector<Step> steps;
};
const Steps& steps();

/// A day of the calendar, "2026-11-20"; nothing where the text is none.
std::optional<std::int64_t> parse_day(std::string_view text) noexcept; ///< days since 1970
std::string day_text(std::int64_t days);

/// Who did which step when: STATE/checklist.json (0600). Names are the owner's words; "" is the home.
using Ticks = std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>;
inline constexpr std::size_t most_people = 50;

/// A text or a file that is not in order: a sentence in what().
class ChecklistError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Empty where there is no file. @throws ChecklistError where it cannot be used
Ticks read_ticks(const std::filesystem::path& state_directory);
/// The same from a text, as a backup has it. @throws the same
Ticks parse_ticks(std::string_view text);
std::string text_of(const Ticks& ticks);
/// @throws ChecklistError where it cannot be written; the old file stays then
void write_ticks(const std::filesystem::path& state_directory, const Ticks& ticks);

} // namespace paravent::dashboard
