#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::config {

/// A place in the file, both from 1.
struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/// What is wrong with a settings file, gathered while it is read, so that the owner mends it in one go.
class Report {
public:
    explicit Report(std::string name) : name_(std::move(name)) {}

    /// `key` is "section.key", or empty for what concerns the file as a whole.
    void add(Place place, const std::string& key, std::string sentence);
    /// A key that exists; what unknown ones are compared with.
    void know(const std::string& section, std::string_view key);
    /// A key nobody asked for. Its sentence is made in `finish`, when all keys are known.
    void unknown(Place place, const std::string& section, std::string_view key);
    /// @throws SettingsError with all of it, in the file's order, if there is anything.
    void finish();

private:
    struct Fault {
        Place place;
        std::size_t order; ///< of faults at the same place
        std::string key;
        std::string sentence;
    };
    struct Unknown {
        Place place;
        std::string section;
        std::string key;
    };
    std::string hint(const Unknown& unknown) const;

    std::string name_;
    std::vector<Fault> faults_;
    std::vector<Unknown> unknowns_;
    std::set<std::pair<std::string, std::string>> known_; ///< section, key; sections themselves are keys of ""
};

/// Text from the file as a message may show it: in quotes, cut to a bearable length, control bytes made visible
/// (a message ends on a terminal).
std::string in_quotes(std::string_view text);

/// Insertions, deletions, replacements and swaps of neighbours between two words, each counted 1.
std::size_t distance(std::string_view a, std::string_view b);

} // namespace paravent::config
