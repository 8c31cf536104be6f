#include "proxy/statistics/privacy.hpp"

#include <cmath>

namespace paravent::statistics {
namespace {

void cut(std::string& text, std::size_t limit)
{
    if (text.size() <= limit)
        return;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) // not inside a code point
        --limit;
    text.resize(limit);
    text.shrink_to_fit();
}

template <typename List>
void cut_list(List& list, std::size_t limit)
{
    if (list.size() > limit)
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(limit), list.end());
}

void drop_if_odd(std::optional<double>& number) noexcept
{
    if (number && !std::isfinite(*number)) // neither JSON nor SQLite has a form for them
        number.reset();
}

std::size_t heap(const std::string& text) noexcept
{
    return text.capacity() > 15 ? text.capacity() + 1 : 0;
}

} // namespace

void apply(config::Privacy privacy, activity::Event& event)
{
    if (privacy == config::Privacy::full)
        return;
    constexpr std::int64_t minute_ms = 60'000;
    event.time_ms -= event.time_ms % minute_ms;
    event.page = {};
    event.contents = {};
    event.custom = {};
}

void bound(activity::Event& event)
{
    cut(event.device, 64);
    cut(event.address, 64);
    cut(event.site, 253);
    cut(event.page, 2048);
    cut(event.destination, 253);
    cut(event.account, 64);
    cut(event.name, 64);
    cut(event.currency, 8);
    cut(event.rule, 128);
    drop_if_odd(event.value);
    cut_list(event.contents, 64);
    for (auto& content : event.contents) {
        cut(content.id, 64);
        drop_if_odd(content.quantity);
        drop_if_odd(content.item_price);
    }
    cut_list(event.custom, 64);
    for (auto& [key, value] : event.custom) {
        cut(key, 64);
        cut(value, 256);
    }
    cut_list(event.identifiers, 32);
    for (auto& kind : event.identifiers)
        cut(kind, 32);
    cut_list(event.device_facts, 16);
    for (auto& [key, value] : event.device_facts) {
        cut(key, 32);
        cut(value, 128);
    }
    cut_list(event.mine, 32);
    for (auto& kind : event.mine)
        cut(kind, 32);
}

std::size_t footprint(const activity::Event& event) noexcept
{
    std::size_t bytes = sizeof(event);
    for (const auto* text : {&event.device, &event.address, &event.site, &event.page, &event.destination,
                             &event.account, &event.name, &event.currency, &event.rule})
        bytes += heap(*text);
    for (const auto* list : {&event.identifiers, &event.mine}) {
        bytes += list->capacity() * sizeof(std::string);
        for (const auto& text : *list)
            bytes += heap(text);
    }
    for (const auto* list : {&event.custom, &event.device_facts}) {
        bytes += list->capacity() * sizeof(std::pair<std::string, std::string>);
        for (const auto& [key, value] : *list)
            bytes += heap(key) + heap(value);
    }
    bytes += event.contents.capacity() * sizeof(activity::Content);
    for (const auto& content : event.contents)
        bytes += heap(content.id);
    return bytes;
}

} // namespace paravent::statistics
