#pragma once

#include "rules/filter.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::rules {

/// Where a rule is in the store. Rules lie in the order of lists and lines, so the smaller number comes first.
using RuleRef = std::uint32_t;
inline constexpr RuleRef no_rule = 0xffffffff;

/// A rule as it lies in the store. The views point into the store.
struct StoredRule {
    Filter filter;
    /// Where in the pattern the token stands under which the rule is found, or `anywhere`.
    std::uint8_t token_offset = 0xff;
    std::string_view id;       ///< our own rules only
    std::string_view sentence; ///< our own rules only
};
inline constexpr std::uint8_t anywhere = 0xff;

/// All rules, one behind the other in one piece of memory.
///
/// A rule for a whole host, unconditional and spelled in one of the usual ways ("||host^", "0.0.0.0 host" …) takes two
/// bytes and its packed name; all others have a head and their line. Line numbers are counted from marks.
class RuleStore {
public:
    /// 10 million lines of 40 bytes fit; what does not is refused.
    static constexpr std::size_t most_bytes = 512U << 20;

    /// Rules that follow belong to the next list.
    void begin_list();
    /// A whole host, in normal form; `text` is the line. Nothing (no_rule) where spelling or name is unusual.
    RuleRef add_host(std::string_view host, std::string_view text, std::uint32_t line);
    /// Any other rule. Nothing where it is too large.
    RuleRef add(const StoredRule& rule, std::uint32_t line);
    void finish();

    bool is_host(RuleRef ref) const noexcept { return (byte(ref) & 0x80) != 0; }
    /// The name of a host rule, into `out` of `unpacked_room` bytes.
    std::string_view host(RuleRef ref, char* out) const noexcept;
    /// Any rule that is no host rule.
    StoredRule rule(RuleRef ref) const noexcept;
    /// What tells an exception, an important rule and so on without taking the rule apart.
    std::uint16_t flags(RuleRef ref) const noexcept;
    /// The line as written (made anew for host rules).
    std::string text(RuleRef ref) const;
    std::uint32_t line(RuleRef ref) const noexcept;
    /// The list by number.
    std::size_t list(RuleRef ref) const noexcept
    {
        std::size_t i = 0;
        while (ref >= list_ends_[i])
            ++i;
        return i;
    }
    void set_token_offset(RuleRef ref, std::uint8_t offset) noexcept;

    template <typename With>
    void for_each(With with) const
    {
        for (RuleRef ref = 0; ref < bytes_.size(); ref = next(ref))
            with(ref);
    }

    enum Flag : std::uint16_t {
        exception = 1,
        important = 2,
        host_anchored = 4,
        start_anchored = 8,
        end_anchored = 16,
        regex = 32,
        match_case = 64,
        not_intercepted = 128,
        whole_host = 256,
        has_methods = 1024,
        has_names = 2048, // domain=, to=, denyallow=
        has_redirect = 4096,
        has_identifier = 8192,
        badfilter = 16384,
    };

private:
    struct Mark {
        RuleRef ref;
        std::uint32_t line_before;
    };

    unsigned char byte(std::size_t at) const noexcept { return static_cast<unsigned char>(bytes_[at]); }
    RuleRef begin_rule(std::uint32_t line, std::size_t room);
    RuleRef next(RuleRef ref) const noexcept;
    RuleRef behind_rule(RuleRef ref) const noexcept;
    std::uint32_t number(std::size_t& at) const noexcept;
    void put_number(std::uint32_t n);
    std::size_t skip_line(RuleRef ref, std::uint32_t& line) const noexcept;

    std::vector<char> bytes_;
    std::vector<Mark> marks_;
    std::vector<RuleRef> list_ends_;
    std::uint32_t last_line_ = 0;
};

} // namespace paravent::rules
