#pragma once

#include "proxy/statistics/query.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace paravent::statistics {

/// What labels are counted by; product and verdict have a fixed number of them.
enum class Dimension : std::uint8_t { device, site, rule };
inline constexpr std::size_t dimension_count = 3;

inline constexpr std::size_t max_labels_an_hour = 4096; ///< a dimension; the rest is `rest_label`
inline constexpr std::size_t max_labels_in_memory = 32'768;
inline constexpr std::size_t max_hours_in_memory = 48;
inline constexpr std::size_t max_label_bytes = 253;
inline constexpr std::string_view rest_label = "other";

constexpr std::int64_t hour_ms = 3'600'000;
/// Hours since 1970, rounded down also before it.
constexpr std::int64_t hour_of(std::int64_t time_ms) noexcept
{
    return time_ms / hour_ms - (time_ms % hour_ms < 0 ? 1 : 0);
}

/// Counts of one hour, or of a part of it: what is written, read and added up.
struct HourCounts {
    using Labels = std::vector<std::pair<std::string, Counts>>;
    std::int64_t hour = 0;
    Counts total;
    std::array<Counts, activity::product_count> products{};
    std::array<Labels, dimension_count> labels;

    bool operator==(const HourCounts&) const = default;
    bool empty() const noexcept { return total.requests == 0; }
    const Labels& by(Dimension dimension) const noexcept { return labels[static_cast<std::size_t>(dimension)]; }
    Labels& by(Dimension dimension) noexcept { return labels[static_cast<std::size_t>(dimension)]; }
};

/// One request, as it is counted. Empty labels are not counted in their dimension.
struct Counted {
    std::int64_t hour = 0;
    std::string_view device, site, rule;
    std::optional<activity::Product> product; ///< none: it did not concern Meta
    std::optional<rules::Action> action;      ///< none: not judged
};

/// Counts what was not taken yet. Bounded whatever comes: in labels an hour, labels in all, hours. Not thread-safe.
/// The labels of the hour at work are kept after `take`, so that the bound an hour holds over many flushes.
class Counters {
public:
    void add(const Counted& counted);
    void add(const HourCounts& counts); ///< also puts back what could not be written
    std::vector<HourCounts> take();     ///< all that was counted since; leaves nothing but known labels

    bool empty() const noexcept { return !dirty_; }
    std::vector<HourCounts> peek() const; ///< as `take`, taking nothing
    std::uint64_t requests_by_rule(std::string_view rule) const noexcept;
    void forget(Dimension dimension, const std::function<bool(std::string_view)>& condition);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using Map = std::unordered_map<std::string, Counts, Hash, std::equal_to<>>;
    /// Requests come in crowds, of one device, for one page: the label met last is mostly the next one too.
    struct Labels {
        Labels() = default;
        Labels(Labels&&) noexcept = default; // a copy would point into the map of another
        Labels& operator=(Labels&&) noexcept = default;

        Map map;
        Map::value_type* latest = nullptr;
    };
    struct Hour {
        std::int64_t hour = 0;
        Counts total;
        std::array<Counts, activity::product_count> products{};
        std::array<Labels, dimension_count> labels;
        bool dirty = false;
    };

    Hour& at(std::int64_t hour);
    Counts& of_label(Labels& labels, std::string_view label);
    void merge_oldest();
    static HourCounts snapshot(const Hour& hour);

    std::vector<Hour> hours_; ///< the one used last at the end
    std::size_t labels_ = 0;
    bool dirty_ = false;
};

} // namespace paravent::statistics
