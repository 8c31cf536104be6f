#pragma once

#include "proxy/statistics/matching.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace paravent::reconcile {

/// By text, found by a view of it.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
template <class T>
using Texts = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// Days since 1970 (UTC).
using Day = std::int32_t;
Day day_of(std::int64_t time_ms) noexcept;

struct Tally {
    std::uint64_t events = 0;
    std::int64_t first_ms = std::numeric_limits<std::int64_t>::max(); ///< both only where there are events
    std::int64_t last_ms = std::numeric_limits<std::int64_t>::min();

    void add(std::int64_t time_ms) noexcept;
};

/// What one site told one account of Meta, added up.
struct Told {
    std::string site;    ///< empty where nobody saw which page or app it was
    std::string account; ///< empty where the events name none
    Tally stopped, let_through;
    Tally loaders; ///< stopped before the page could tell anything: they count where nothing else does
    struct Counts {
        std::uint32_t stopped = 0, let_through = 0;
    };
    std::map<Day, Counts> days;
    std::set<std::string, std::less<>> names, identifiers;
    std::set<std::string, std::less<>> rules; ///< that decided
    std::uint32_t products = 0;               ///< bits, by activity::Product
    bool server = false;                      ///< the site prepares to send the same from its server (event ids)

    bool from_app() const noexcept;
};

/// All that was told in a time. Bounded: beyond `most` pairs of site and account the rest counts as unknown.
class TellTale {
public:
    static constexpr std::size_t most = 20'000;

    void add(const statistics::Detail& event);

    /// In no order. Pairs of which nothing but loaders was stopped have these as what was stopped.
    std::vector<Told> told() &&;
    const Tally& all() const noexcept { return all_; }                ///< every event, told of here or not
    std::uint64_t unknown_sites() const noexcept { return unknown_; } ///< of neither site nor account

private:
    Texts<Told> told_;
    std::string key_; ///< kept for its memory
    Tally all_;
    std::uint64_t unknown_ = 0;
};

} // namespace paravent::reconcile
