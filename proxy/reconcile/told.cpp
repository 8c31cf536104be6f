#include "proxy/reconcile/told.hpp"

#include <algorithm>

namespace paravent::reconcile {
namespace {

using activity::Product;

constexpr std::size_t most_words = 24; ///< names, identifiers and rules of one pair

constexpr std::uint32_t bit(Product product) noexcept
{
    return std::uint32_t{1} << static_cast<unsigned>(product);
}

/// Those that stand in Meta's list as events of a site or an app.
constexpr std::uint32_t messages =
    bit(Product::pixel) | bit(Product::conversions) | bit(Product::app_events) | bit(Product::audience_network);

void keep(std::set<std::string, std::less<>>& words, std::string_view word)
{
    if (!word.empty() && !words.contains(word) && words.size() < most_words)
        words.emplace(word);
}

} // namespace

Day day_of(std::int64_t time_ms) noexcept
{
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    return static_cast<Day>(time_ms / day_ms - (time_ms % day_ms < 0 ? 1 : 0));
}

void Tally::add(std::int64_t time_ms) noexcept
{
    ++events;
    first_ms = std::min(first_ms, time_ms);
    last_ms = std::max(last_ms, time_ms);
}

bool Told::from_app() const noexcept
{
    return (products & bit(Product::app_events)) != 0;
}

void TellTale::add(const statistics::Detail& event)
{
    all_.add(event.time_ms);
    const bool stopped = event.verdict == rules::Action::block || event.verdict == rules::Action::answer;
    // A stopped loader of which nobody saw the page: what that page would have told is not known.
    const bool loader = event.product == Product::loader && stopped;
    if (!loader && (bit(event.product) & messages) == 0)
        return;
    if (event.site.empty() && (loader || event.account.empty())) {
        ++unknown_;
        return;
    }
    key_.assign(event.site).append(1, '\0').append(event.account);
    auto found = told_.find(key_);
    if (found == told_.end()) {
        if (told_.size() >= most) {
            ++unknown_;
            return;
        }
        found = told_.emplace(key_, Told{}).first;
        found->second.site = event.site;
        found->second.account = event.account;
    }
    auto& told = found->second;
    told.products |= bit(event.product);
    if (loader) {
        told.loaders.add(event.time_ms);
        keep(told.rules, event.rule);
        return;
    }
    (stopped ? told.stopped : told.let_through).add(event.time_ms);
    // Newest first is how they come, so the day is mostly the first one.
    const auto number = day_of(event.time_ms);
    auto& day =
        !told.days.empty() && told.days.begin()->first == number ? told.days.begin()->second : told.days[number];
    ++(stopped ? day.stopped : day.let_through);
    keep(told.names, event.name);
    keep(told.rules, event.rule);
    for (const auto kind : event.identifiers)
        keep(told.identifiers, kind);
    told.server = told.server || event.event_id || event.product == Product::conversions;
}

std::vector<Told> TellTale::told() &&
{
    // A page whose loader was stopped and that told nothing more: the site is known, no account.
    std::set<std::string, std::less<>> with_events;
    for (const auto& [key, told] : told_)
        if (told.stopped.events + told.let_through.events > 0)
            with_events.insert(told.site);
    std::vector<Told> out;
    for (auto& [key, told] : told_) {
        if (told.stopped.events + told.let_through.events == 0) {
            if (with_events.contains(told.site))
                continue;
            told.stopped = told.loaders;
        }
        out.push_back(std::move(told));
    }
    return out;
}

} // namespace paravent::reconcile
