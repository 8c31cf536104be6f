#include "proxy/reconcile/withheld.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>

namespace paravent::reconcile {
namespace {

constexpr double most_money = 1e12;

} // namespace

void Withheld::add(const statistics::Detail& event)
{
    if (event.verdict != rules::Action::block && event.verdict != rules::Action::answer)
        return;
    key_.assign(event.site).append(1, '\0').append(1, static_cast<char>(event.product)).append(event.name);
    auto found = lines_.find(key_);
    if (found == lines_.end()) {
        if (lines_.size() >= most)
            return;
        found = lines_.emplace(key_, WithheldLine{}).first;
        found->second.site = event.site;
        found->second.product = event.product;
        found->second.name = event.name;
    }
    auto& line = found->second;
    ++line.events;
    // A page can say any number: one that is no price would spoil the sum.
    if (event.value && std::abs(*event.value) <= most_money) {
        std::string currency(event.currency); // some pages write it small
        for (char& c : currency)
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        auto sum = line.sums.find(currency);
        if (sum == line.sums.end())
            sum = line.sums.emplace(std::move(currency), Sum{}).first;
        sum->second.sum += *event.value;
        ++sum->second.events;
    }
    for (const auto kind : event.identifiers) {
        auto known = line.identifiers.find(kind);
        if (known == line.identifiers.end())
            known = line.identifiers.emplace(kind, 0).first;
        ++known->second;
    }
}

std::vector<WithheldLine> Withheld::lines() &&
{
    std::vector<WithheldLine> out;
    for (auto& [key, line] : lines_)
        out.push_back(std::move(line));
    std::ranges::sort(out, [](const auto& a, const auto& b) {
        return std::tie(a.site, a.product, a.name) < std::tie(b.site, b.product, b.name);
    });
    return out;
}

void add_up(Sums& into, const Sums& sums)
{
    for (const auto& [currency, sum] : sums) {
        into[currency].sum += sum.sum;
        into[currency].events += sum.events;
    }
}

void add_up(Kinds& into, const Kinds& kinds)
{
    for (const auto& [kind, events] : kinds)
        into[kind] += events;
}

} // namespace paravent::reconcile
