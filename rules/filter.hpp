#pragma once

#include "rules/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::rules {

using TypeMask = std::uint16_t;
inline constexpr TypeMask mask_of(Type type) noexcept
{
    return static_cast<TypeMask>(1U << static_cast<unsigned>(type));
}
inline constexpr TypeMask all_types = (1U << 12) - 1;

using MethodMask = std::uint16_t;
inline constexpr MethodMask all_methods = (1U << 10) - 1;
/// One bit for each method that filters can name; methods without a name share the last.
MethodMask mask_of_method(std::string_view method) noexcept;

enum class Party : std::uint8_t { any, third, first, strict_third, strict_first };

/// One line of a list, taken apart. The views point into the line or into `rewritten`.
struct Filter {
    std::string_view text;       ///< the line without blanks around it
    std::string_view pattern;    ///< without anchors; in lower case unless match_case; the expression of a regex
    bool exception = false;      ///< @@
    bool host_anchored = false;  ///< ||
    bool start_anchored = false; ///< | before
    bool end_anchored = false;   ///< | behind
    bool regex = false;
    bool match_case = false;
    bool important = false;
    bool badfilter = false;
    bool not_intercepted = false;
    bool whole_host = false; ///< ||host^ and its like: the pattern says nothing about what follows the host
    bool every_type = false; ///< `all`, or the syntax of hosts files
    TypeMask types = all_types;
    MethodMask methods = all_methods;
    Party party = Party::any;
    std::string_view domains;   ///< domain=, values separated by |
    std::string_view to;        ///< to=
    std::string_view denyallow; ///< denyallow=
    std::string_view redirect;  ///< redirect= or rewrite=

    std::string rewritten;

    /// Whether it can be decided without page, type and method.
    bool unconditional() const noexcept
    {
        return types == all_types && methods == all_methods && party == Party::any && domains.empty() && to.empty() &&
               denyallow.empty();
    }
};

/// What a line of a list is.
struct LineReading {
    enum Kind : std::uint8_t {
        nothing, ///< blank, comment, header
        filter,  ///< in `Filter`
        hosts,   ///< names of a hosts line in `names`, separated by blanks
        skipped, ///< `reason` says why
    };
    Kind kind = nothing;
    std::string_view names;
    std::string_view reason; ///< "cosmetic", "unknown option" …: bounded in number, they are counted
    std::string problem;     ///< a sentence where the line looks like a rule that should have worked; else empty
};

/// Reads one line. `own`: the option `not-intercepted` is known.
LineReading read_line(std::string_view line, bool own, Filter& out);

/// Takes the first blank-separated word off `names`.
std::string_view next_name(std::string_view& names) noexcept;

/// Reads what follows the $ into `out` (types 0: none named); returns a skipped LineReading, or kind `filter`.
LineReading read_options(std::string_view options, bool own, Filter& out);

/// Takes the first value off a list separated by |, and whether it was negated by ~.
struct ListedValue {
    std::string_view value;
    bool negated;
};
ListedValue next_value(std::string_view& values) noexcept;

} // namespace paravent::rules
