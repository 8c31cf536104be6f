#pragma once

#include "proxy/reconcile/told.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace paravent::reconcile {

/// Amounts in one currency that sites wanted to tell.
struct Sum {
    double sum = 0;
    std::uint64_t events = 0;
};
using Sums = std::map<std::string, Sum, std::less<>>; ///< by currency; empty: none was told

/// What was stopped at home in a month, added up. Facts of what was about to be told, not what they are worth.
class Withheld {
public:
    void add(const statistics::Detail& event);

    struct Site {
        std::uint64_t events = 0, purchases = 0;
        Sums sums; ///< of purchases
        std::set<std::string, std::less<>> identifiers;
    };
    struct Line { ///< of one site, product and event name
        std::uint64_t events = 0;
        Sums sums; ///< of everything with a value
        std::set<std::string, std::less<>> identifiers;
    };
    std::uint64_t events = 0;
    Site purchases_in_all;
    std::array<std::uint64_t, activity::product_count> products{};
    std::map<std::string, std::uint64_t, std::less<>> identifiers; ///< events by kind
    std::map<std::string, Site, std::less<>> sites;                ///< "": nobody saw it
    std::map<std::tuple<std::string, activity::Product, std::string>, Line> lines;

private:
    static constexpr std::size_t most_sites = 20'000, most_lines = 50'000, most_kinds = 100;
};

bool is_purchase(std::string_view name) noexcept;

} // namespace paravent::reconcile
