#pragma once

#include "proxy/reconcile/told.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::reconcile {

/// Amounts in one currency that sites wanted to tell.
struct Sum {
    double sum = 0;
    std::uint64_t events = 0;
};
using Sums = std::map<std::string, Sum, std::less<>>;            ///< by currency; empty: none was told
using Kinds = std::map<std::string, std::uint64_t, std::less<>>; ///< events by kind of identifier

/// What one site wanted to tell by one product under one name, and was stopped.
struct WithheldLine {
    std::string site; ///< empty: nobody saw which one
    activity::Product product = activity::Product::other;
    std::string name; ///< empty: it has none
    std::uint64_t events = 0;
    Sums sums;
    Kinds identifiers;

    bool is_purchase() const noexcept { return name == "Purchase" || name == "fb_mobile_purchase"; }
};

/// Adds up what was stopped at home. Facts of what was about to be told, not what they are worth. Bounded: of more than
/// `most` different lines the rest is in none.
class Withheld {
public:
    static constexpr std::size_t most = 50'000;
    void add(const statistics::Detail& event);
    /// Ordered by site, product and name.
    std::vector<WithheldLine> lines() &&;

private:
    Texts<WithheldLine> lines_;
    std::string key_; ///< kept for its memory
};

void add_up(Sums& into, const Sums& sums);
void add_up(Kinds& into, const Kinds& kinds);

} // namespace paravent::reconcile
