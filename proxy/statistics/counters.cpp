#include "proxy/statistics/counters.hpp"

#include <algorithm>

namespace paravent::statistics {
namespace {

void count(Counts& counts, const std::optional<rules::Action>& action) noexcept
{
    if (action)
        counts.add(*action);
    else
        ++counts.requests;
}

} // namespace

void Counters::add(const Counted& counted)
{
    auto& hour = at(counted.hour);
    hour.dirty = dirty_ = true;
    count(hour.total, counted.action);
    if (counted.product)
        count(hour.products[static_cast<std::size_t>(*counted.product)], counted.action);
    const std::string_view labels[dimension_count] = {counted.device, counted.site, counted.rule};
    for (std::size_t i = 0; i < dimension_count; ++i)
        if (!labels[i].empty())
            count(of_label(hour.labels[i], labels[i]), counted.action);
}

void Counters::add(const HourCounts& counts)
{
    auto& hour = at(counts.hour);
    hour.dirty = dirty_ = true;
    hour.total += counts.total;
    for (std::size_t i = 0; i < counts.products.size(); ++i)
        hour.products[i] += counts.products[i];
    for (std::size_t i = 0; i < dimension_count; ++i)
        for (const auto& [label, n] : counts.labels[i])
            of_label(hour.labels[i], label) += n;
}

std::vector<HourCounts> Counters::take()
{
    auto taken = peek();
    if (hours_.size() > 1)
        hours_.erase(hours_.begin(), hours_.end() - 1);
    labels_ = 0;
    for (auto& hour : hours_) {
        hour.total = {};
        hour.products = {};
        for (auto& labels : hour.labels) {
            labels_ += labels.map.size();
            for (auto& [label, counts] : labels.map)
                counts = {};
        }
        hour.dirty = false;
    }
    dirty_ = false;
    return taken;
}

std::vector<HourCounts> Counters::peek() const
{
    std::vector<HourCounts> all;
    for (const auto& hour : hours_)
        if (hour.dirty)
            all.push_back(snapshot(hour));
    return all;
}

std::uint64_t Counters::requests_by_rule(std::string_view rule) const noexcept
{
    std::uint64_t requests = 0;
    for (const auto& hour : hours_) {
        const auto& map = hour.labels[static_cast<std::size_t>(Dimension::rule)].map;
        if (const auto found = map.find(rule); found != map.end())
            requests += found->second.requests;
    }
    return requests;
}

void Counters::forget(Dimension dimension, const std::function<bool(std::string_view)>& condition)
{
    for (auto& hour : hours_) {
        auto& labels = hour.labels[static_cast<std::size_t>(dimension)];
        labels.latest = nullptr;
        labels_ -= std::erase_if(labels.map, [&](const auto& label) { return condition(label.first); });
    }
}

Counters::Hour& Counters::at(std::int64_t hour)
{
    if (!hours_.empty() && hours_.back().hour == hour)
        return hours_.back();
    const auto found = std::find_if(hours_.begin(), hours_.end(), [&](const Hour& h) { return h.hour == hour; });
    if (found != hours_.end()) {
        std::rotate(found, found + 1, hours_.end());
        return hours_.back();
    }
    if (hours_.size() == max_hours_in_memory)
        merge_oldest();
    return hours_.emplace_back(Hour{.hour = hour, .total = {}, .products = {}, .labels = {}, .dirty = false});
}

Counts& Counters::of_label(Labels& labels, std::string_view label)
{
    label = label.substr(0, max_label_bytes);
    if (labels.latest != nullptr && labels.latest->first == label)
        return labels.latest->second;
    auto& map = labels.map;
    if (const auto found = map.find(label); found != map.end()) {
        labels.latest = &*found;
        return found->second;
    }
    // The last places are kept for the rest itself, so that it always has one.
    if (map.size() >= max_labels_an_hour - 1 || labels_ >= max_labels_in_memory) {
        const auto [rest, made] = map.try_emplace(std::string{rest_label});
        labels_ += made ? 1 : 0;
        return rest->second;
    }
    ++labels_;
    return map.try_emplace(std::string{label}).first->second;
}

/// Nothing could be written for two days: the two oldest hours become one, nothing is lost but the difference.
void Counters::merge_oldest()
{
    const auto oldest = snapshot(hours_.front());
    const bool dirty = hours_.front().dirty;
    for (const auto& labels : hours_.front().labels)
        labels_ -= labels.map.size();
    hours_.erase(hours_.begin());
    if (!dirty)
        return;
    auto& next = hours_.front();
    next.dirty = true;
    next.total += oldest.total;
    for (std::size_t i = 0; i < oldest.products.size(); ++i)
        next.products[i] += oldest.products[i];
    for (std::size_t i = 0; i < dimension_count; ++i)
        for (const auto& [label, n] : oldest.labels[i])
            of_label(next.labels[i], label) += n;
}

HourCounts Counters::snapshot(const Hour& hour)
{
    HourCounts counts{.hour = hour.hour, .total = hour.total, .products = hour.products, .labels = {}};
    for (std::size_t i = 0; i < dimension_count; ++i)
        for (const auto& [label, n] : hour.labels[i].map)
            if (n.requests != 0)
                counts.labels[i].emplace_back(label, n);
    return counts;
}

} // namespace paravent::statistics
