#pragma once

#include "config/settings.hpp"
#include "rules/ruleset.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::lists {

/// One list, in force or not, as people see it.
struct ListStatus {
    std::string name;
    std::string source;   ///< "built in", a file's path, or a URL
    std::string category; ///< as in the settings file; "other" where none is written
    bool enabled = true;
    rules::ListReport report;    ///< empty where it is not in force
    std::int64_t updated_ms = 0; ///< when the text in force was last changed; 0: built in, or none is in force
    std::string error;           ///< a sentence for a person where the list is missing or an older copy stands in
    /// When the source of a subscription last said that the text in force is the newest; 0: not yet, or it is none.
    std::int64_t checked_ms = 0;
};

/// What goes on behind an error: "; its last good text, of 2026-11-24, stays in force", or that nothing does.
std::string in_force_all_the_same(std::int64_t updated_ms);

struct Compiled {
    std::shared_ptr<const rules::Ruleset> rules;
    std::vector<ListStatus> lists; ///< our own first, then the file's, in order
};

/// The owner's switch for the list of that name; nothing where the settings file decides.
using OwnerSwitch = std::function<std::optional<bool>(std::string_view name)>;

/// Where the text of a list is kept: the last good one of a file, the fetched one of a URL.
std::filesystem::path kept_text(const std::filesystem::path& state_directory, std::string_view name);

/// Reads all lists that are switched on and compiles them: our own (on as they are built unless an entry of their name
/// or the owner says otherwise), then those of the settings file, in order. Never fails: a file that cannot be read is
/// replaced by the last good text of it, and the list's status says so.
/// `previous` is what was in force before. Null: nothing is, as for `paravent check`; then no copies are kept either.
Compiled compile(const config::Settings& settings, const std::filesystem::path& state_directory,
                 const OwnerSwitch& owner_switch, const Compiled* previous);

} // namespace paravent::lists
