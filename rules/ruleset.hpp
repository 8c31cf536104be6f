#pragma once

#include "rules/request.hpp"
#include "rules/verdict.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::rules {

/// One list to compile. The text is only read during `compile`.
struct ListSource {
    std::string name;           ///< "pixel-event", or the `[[list]]` name
    std::string category_name;  ///< as in `[[list]] category`, or the name of one of ours
    bool own = false;           ///< one of Paravent's own: rules have identifiers, `list` is "meta"
    bool may_intercept = false; ///< its host-anchored path rules widen the scope
    std::string_view text;
};

/// What was read of a list.
struct ListReport {
    std::string name;
    std::size_t rules = 0;
    std::size_t skipped = 0;
    std::map<std::string, std::size_t, std::less<>> skipped_by; ///< reason -> count: "cosmetic", "unknown option" …
    struct Problem {
        std::uint32_t line;
        std::string text; ///< a sentence for a person, without file and line
    };
    std::vector<Problem> problems; ///< the first 100 lines that could not be used though they look like rules
};

/// All rules in force, immutable once compiled; safe to read from any number of threads.
class Ruleset {
public:
    /// Compiles the lists in their order: of several rules that decide alike, the first by list, then line, is named.
    /// Never fails: lines that cannot be used are counted in `reports` (one a list, may be null).
    static std::shared_ptr<const Ruleset> compile(std::span<const ListSource> lists,
                                                  std::vector<ListReport>* reports = nullptr);
    /// The same list by list, so that no text must be in memory longer than its own `add` takes.
    class Compiler;

    ~Ruleset();
    Ruleset(const Ruleset&) = delete;
    Ruleset& operator=(const Ruleset&) = delete;

    /// Rules whose ruling is `allow` are not asked (exceptions always are).
    /// @throws nothing; allocates only for what RE2 needs.
    Verdict decide(const Request& request) const;

    /// Whether a host may be intercepted: some host-anchored path rule of a list that may widen the scope names it
    /// (or a parent domain of it).
    bool in_scope(std::string_view host) const noexcept;

    /// The hosts that our own lists stop something of, each with all below it; none lies below another. In alphabetical
    /// order.
    std::vector<std::string> own_domains() const;

    /// Number of rules in force, exceptions included.
    std::size_t size() const noexcept;

    struct Compiled; ///< rules/compiled.hpp

private:
    explicit Ruleset(std::unique_ptr<Compiled> compiled);
    std::unique_ptr<Compiled> compiled_;
};

class Ruleset::Compiler {
public:
    Compiler();
    ~Compiler();
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;
    ListReport add(const ListSource& list);
    /// Once.
    std::shared_ptr<const Ruleset> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Paravent's own lists as built into the program, in order: name, text. `meta-ai` is off unless asked for.
struct OwnList {
    std::string_view name;
    std::string_view text;
    bool on_by_default;
};
std::span<const OwnList> own_lists() noexcept;

} // namespace paravent::rules
