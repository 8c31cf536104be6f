#pragma once

#include "rules/store.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace paravent::rules {

/// The regular expressions of a ruleset. Each is tried when its list is read and built again when a request first needs
/// it: most of EasyList's are for a few sites that a home may never see.
class Regexes {
public:
    Regexes() = default;
    ~Regexes();
    Regexes(const Regexes&) = delete;
    Regexes& operator=(const Regexes&) = delete;

    /// Empty, or why the expression cannot be used.
    static std::string problem_with(std::string_view expression);
    /// `ref` comes in rising order.
    void add(RuleRef ref) { entries_.push_back(std::make_unique<Entry>(ref)); }
    bool matches(RuleRef ref, const Filter& filter, std::string_view text) const;

private:
    struct Entry {
        explicit Entry(RuleRef r) noexcept : ref(r) {}
        RuleRef ref;
        std::atomic<const re2::RE2*> built = nullptr;
    };
    std::vector<std::unique_ptr<Entry>> entries_;
};

/// Pieces of plain text that every match of `expression` contains. Empty where none is certain.
std::vector<std::string> certain_pieces(std::string_view expression);

} // namespace paravent::rules
