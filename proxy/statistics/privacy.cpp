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

} // namespace paravent::statistics
