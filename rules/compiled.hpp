#pragma once

#include "rules/hash_index.hpp"
#include "rules/regexes.hpp"
#include "rules/ruleset.hpp"
#include "rules/spoken.hpp"
#include "rules/store.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace paravent::rules {

/// Which hashes are there at all, a bit for each: most tokens of a URL and most hosts end here.
class HashSieve {
public:
    HashSieve() = default;
    template <typename Entries> // with a `hash` each
    explicit HashSieve(const Entries& entries)
    {
        // Sixteen bits an entry let through one token in twenty that is not there; 32 KiB stay in the first cache.
        const std::size_t bits = std::clamp<std::size_t>(std::bit_ceil(entries.size() * 16), 512, std::size_t{1} << 22);
        bits_.resize(bits / 64);
        mask_ = static_cast<std::uint32_t>(bits - 1);
        for (const auto& entry : entries)
            bits_[(entry.hash & mask_) >> 6] |= std::uint64_t{1} << (entry.hash & 63);
    }

    bool may_hold(std::uint32_t hash) const noexcept { return (bits_[(hash & mask_) >> 6] >> (hash & 63) & 1) != 0; }

private:
    std::vector<std::uint64_t> bits_{0};
    std::uint32_t mask_ = 0;
};

/// Whether every byte that is set in `wanted` (ASCII only) stands in the same place of `there`.
constexpr bool agree(std::uint32_t wanted, std::uint32_t there) noexcept
{
    const std::uint32_t set = ((wanted + 0x7f7f7f7fU) >> 7 & 0x01010101U) * 0xffU;
    return ((wanted ^ there) & set) == 0;
}

/// Rules that name a whole host and then something of a path, by host. Four bytes of the path stand beside each: they
/// tell most rules of a busy host apart from a request without looking at the rule.
class PathRules {
public:
    struct Pending {
        std::uint32_t hash; ///< of the host
        std::uint32_t
            start;          ///< what follows the host and one more character; a zero byte and those behind it: anything
        std::uint64_t kind; ///< host and all else that counts where the path is not known
        RuleRef ref;
    };
    PathRules() = default;
    explicit PathRules(std::vector<Pending> pending);

    bool may_hold(std::uint32_t hash) const noexcept { return sieve_.may_hold(hash); }
    /// Calls `with(ref)` for the first rule of each kind of the host with that hash.
    template <typename With>
    void kinds(std::uint32_t hash, With with) const
    {
        hosts_.find(hash, [&](std::uint32_t group) {
            for (std::uint32_t i = groups_[group], end = i + kinds_[group]; i != end; ++i)
                with(rules_[i].ref);
        });
    }
    /// Calls `with(ref)` for the rules of the host with that hash whose paths may begin with these four bytes.
    template <typename With>
    void find(std::uint32_t hash, std::uint32_t path_start, With with) const
    {
        hosts_.find(hash, [&](std::uint32_t group) {
            for (std::uint32_t i = groups_[group]; i != groups_[group + 1]; ++i) {
                if (agree(rules_[i].start, path_start))
                    with(rules_[i].ref);
            }
        });
    }

private:
    struct Place {
        std::uint32_t start;
        RuleRef ref;
    };
    HashIndex hosts_;
    HashSieve sieve_;
    std::vector<std::uint32_t> groups_;
    std::vector<std::uint16_t> kinds_; // so many rules at the beginning of a group are the first of their kind
    std::vector<Place> rules_;
};

/// Rules by the rarest token that a URL must contain, those of one token side by side. With each stands what tells
/// nearly all of them apart from a request without looking at the rule: its types, and four bytes before and behind
/// the token.
class TokenRules {
public:
    struct Pending {
        std::uint32_t hash;
        std::uint32_t before; ///< the byte next to the token is the highest; zero and those beyond it: anything
        std::uint32_t behind; ///< the byte next to the token is the lowest
        TypeMask types;
        RuleRef ref;
    };
    TokenRules() = default;
    explicit TokenRules(const std::vector<Pending>& pending);

    bool empty() const noexcept { return rules_.empty(); }
    bool may_hold(std::uint32_t hash) const noexcept { return sieve_.may_hold(hash); }
    /// Say that this hash will be searched for, first the one and later the other: of several, the waits for memory
    /// then overlap.
    void announce(std::uint32_t hash) const noexcept { __builtin_prefetch(&begins_[bucket_of(hash)]); }
    void announce_rules(std::uint32_t hash) const noexcept
    {
        __builtin_prefetch(rules_.data() + begins_[bucket_of(hash)]);
    }
    /// Calls `with(ref)` for the rules with that token and one of the types; `p` points to it in the text.
    template <typename With>
    void find(std::uint32_t hash, TypeMask types, const char* p, std::size_t at, unsigned length, With with) const
    {
        const std::uint32_t bucket = bucket_of(hash);
        const auto tag = static_cast<std::uint16_t>(hash);
        for (std::uint32_t i = begins_[bucket], end = begins_[bucket + 1]; i != end; ++i) {
            const Place& place = rules_[i];
            if (place.tag == tag && (place.types & types) != 0 && agree(place.behind, load4(p + length)) &&
                agree(place.before, at >= 4 ? load4(p - 4) : start(p, at)))
                with(place.ref);
        }
    }

private:
    struct Place {
        std::uint16_t tag;
        TypeMask types;
        std::uint32_t before;
        std::uint32_t behind;
        RuleRef ref;
    };
    static std::uint32_t load4(const char* p) noexcept
    {
        std::uint32_t word;
        std::memcpy(&word, p, sizeof word);
        return word;
    }
    /// The same for a token that begins within the first four bytes.
    static std::uint32_t start(const char* p, std::size_t at) noexcept
    {
        return at == 0 ? 0 : load4(p - at) << (8 * (4 - at));
    }
    std::uint32_t bucket_of(std::uint32_t hash) const noexcept
    {
        return static_cast<std::uint32_t>(std::uint64_t{hash} * (begins_.size() - 1) >> 32);
    }

    HashSieve sieve_;
    std::vector<std::uint32_t> begins_;
    std::vector<Place> rules_;
};

/// All that a ruleset consists of. A rule lies in one of five places; `index` says why.
struct Ruleset::Compiled {
    struct List {
        std::string name;
        std::string category_name;
        Category category = Category::other;
        bool own = false;
        bool may_intercept = false;
    };

    std::vector<List> lists;
    RuleStore store;
    Regexes regexes;
    Spoken spoken;

    HashIndex hosts;        ///< whole hosts
    PathRules paths;        ///< a host and something of a path
    TokenRules tokens;      ///< the rarest token that the URL must contain
    HashIndex page_domains; ///< no token, but domains of pages
    struct Rest {
        RuleRef ref;
        TypeMask types;
    };
    std::vector<Rest> rest; ///< neither
    std::set<std::string, std::less<>> scope;
    std::set<std::string, std::less<>> own_hosts; ///< that rules of our own lists stop something of
    std::size_t size = 0;

    Rule rule(RuleRef ref) const;
    Action ruling(std::size_t list, bool not_intercepted, const Request& request) const noexcept;
};

/// What reading the lists leaves for the index.
struct PendingRules {
    std::vector<HashIndex::Entry> hosts;
    std::vector<PathRules::Pending> paths;
    std::vector<RuleRef> others;
    std::set<std::string, std::less<>> bad; ///< identities of rules that a `badfilter` takes back
};

/// The name behind || where it is whole (what ends it is no letter of a name); else empty.
std::string_view anchored_host(const Filter& filter) noexcept;
/// What makes two rules the same, however their options are spelled.
std::string identity_of(const Filter& filter);

/// Reads a list into the store.
void read_list(const ListSource& source, Ruleset::Compiled& compiled, PendingRules& pending, ListReport& report);
/// Files what was read.
void index_rules(PendingRules pending, Ruleset::Compiled& compiled);

} // namespace paravent::rules
