#include "proxy/statistics/event_blob.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/statistics/packing.hpp"
#include "proxy/statistics/privacy.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace paravent::statistics {
namespace {

using activity::Event;
using Texts = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

enum Flag : unsigned {
    automatic = 1,
    event_id = 2,
    limited_data_use = 4,
    seen_full = 8,
    has_value = 16,
    has_lists = 32, ///< at all: few events have any of them
    body_cut = 64,
};

constexpr std::size_t max_blob_bytes = 256 * 1024;
constexpr std::size_t max_text_bytes = 4096;

/// In the order in which they are written; what queries ask about comes first.
constexpr std::string Event::* const texts[] = {&Event::device, &Event::site,    &Event::destination, &Event::name,
                                                &Event::rule,   &Event::address, &Event::account,     &Event::currency};

bool has_any_list(const Event& event) noexcept
{
    return !event.page.empty() || !event.contents.empty() || !event.custom.empty() || !event.identifiers.empty() ||
           !event.device_facts.empty() || !event.mine.empty();
}

std::size_t most_bytes(const Texts& list) noexcept
{
    std::size_t bytes = most_packed_number;
    for (const auto& text : list)
        bytes += most_packed(text);
    return bytes;
}

std::size_t most_bytes(const Pairs& list) noexcept
{
    std::size_t bytes = most_packed_number;
    for (const auto& [key, value] : list)
        bytes += most_packed(key) + most_packed(value);
    return bytes;
}

char* pack_list(char* to, const Texts& list) noexcept
{
    to = pack(to, list.size());
    for (const auto& text : list)
        to = pack(to, text);
    return to;
}

char* pack_list(char* to, const Pairs& list) noexcept
{
    to = pack(to, list.size());
    for (const auto& [key, value] : list)
        to = pack(pack(to, key), value);
    return to;
}

/// The bits of a number, its sign and exponent first: they end in zeros mostly, which take no room so.
std::uint64_t turned(std::uint64_t bits) noexcept
{
    std::uint64_t out = 0;
    for (int i = 0; i < 8; ++i, bits >>= 8)
        out = out << 8 | (bits & 0xFF);
    return out;
}

char* pack_number(char* to, const std::optional<double>& number) noexcept
{
    to = pack(to, std::uint64_t{number ? 1u : 0u});
    return number ? pack(to, turned(std::bit_cast<std::uint64_t>(*number))) : to;
}

std::optional<double> number_in(Unpacker& in) noexcept
{
    if (in.number() == 0)
        return std::nullopt;
    return std::bit_cast<double>(turned(in.number()));
}

std::string text_in(Unpacker& in)
{
    return activity::clean_text(in.text(), max_text_bytes);
}

void read_list(Unpacker& in, Texts& list)
{
    for (auto left = in.count(); left != 0 && in.good(); --left)
        list.push_back(text_in(in));
}

void read_list(Unpacker& in, Pairs& list)
{
    for (auto left = in.count(); left != 0 && in.good(); --left) {
        auto key = text_in(in);
        list.emplace_back(std::move(key), text_in(in));
    }
}

template <typename Enum>
Enum value_in(Unpacker& in, std::uint64_t values, Enum otherwise) noexcept
{
    const auto n = in.number();
    return n < values ? static_cast<Enum>(n) : otherwise;
}

activity::Product product_in(Unpacker& in) noexcept
{
    return value_in(in, activity::product_count, activity::Product::other);
}

rules::Action verdict_in(Unpacker& in) noexcept
{
    return value_in(in, static_cast<std::uint64_t>(rules::Action::answer) + 1, rules::Action::allow);
}

} // namespace

std::size_t most_bytes(const Event& event) noexcept
{
    std::size_t bytes = 4 * most_packed_number; // product, verdict, flags, value
    for (const auto text : texts)
        bytes += most_packed(event.*text);
    if (!has_any_list(event))
        return bytes;
    bytes += most_packed(event.page) + most_bytes(event.custom) + most_bytes(event.device_facts) +
             most_bytes(event.identifiers) + most_bytes(event.mine) + most_packed_number;
    for (const auto& content : event.contents)
        bytes += most_packed(content.id) + 4 * most_packed_number;
    return bytes;
}

char* encode(const Event& event, char* to) noexcept
{
    const bool lists = has_any_list(event);
    to = pack(to, std::uint64_t{static_cast<unsigned>(event.product)});
    to = pack(to, std::uint64_t{static_cast<unsigned>(event.verdict)});
    to = pack(to, std::uint64_t{(event.automatic ? Flag::automatic : 0u) | (event.event_id ? Flag::event_id : 0u) |
                                (event.limited_data_use ? Flag::limited_data_use : 0u) |
                                (event.seen_full ? Flag::seen_full : 0u) | (event.value ? Flag::has_value : 0u) |
                                (event.body_cut ? Flag::body_cut : 0u) | (lists ? Flag::has_lists : 0u)});
    for (const auto text : texts)
        to = pack(to, event.*text);
    if (event.value)
        to = pack(to, turned(std::bit_cast<std::uint64_t>(*event.value)));
    if (!lists)
        return to;
    to = pack_list(to, event.identifiers);
    to = pack_list(to, event.device_facts);
    to = pack_list(to, event.mine);
    to = pack(to, event.page);
    to = pack_list(to, event.custom);
    to = pack(to, event.contents.size());
    for (const auto& content : event.contents)
        to = pack_number(pack_number(pack(to, content.id), content.quantity), content.item_price);
    return to;
}

std::optional<Facts> facts_of(const EventBlob& blob) noexcept
{
    Unpacker in{blob.data};
    Facts facts;
    facts.time_ms = blob.time_ms;
    facts.product = product_in(in);
    facts.verdict = verdict_in(in);
    (void)in.number(); // flags
    for (auto* const text : {&facts.device, &facts.site, &facts.destination, &facts.name, &facts.rule})
        *text = in.text();
    return in.good() ? std::optional{facts} : std::nullopt;
}

bool read_detail(const EventBlob& blob, Detail& out)
{
    Unpacker in{blob.data};
    out.time_ms = blob.time_ms;
    out.product = product_in(in);
    out.verdict = verdict_in(in);
    const auto flags = in.number();
    out.event_id = (flags & Flag::event_id) != 0;
    std::string_view address;
    for (auto* const text :
         {&out.device, &out.site, &out.destination, &out.name, &out.rule, &address, &out.account, &out.currency})
        *text = in.text();
    out.value.reset();
    if ((flags & Flag::has_value) != 0)
        out.value = std::bit_cast<double>(turned(in.number()));
    out.identifiers.clear();
    if ((flags & Flag::has_lists) != 0)
        for (auto left = in.count(); left != 0 && in.good(); --left)
            out.identifiers.push_back(in.text());
    return in.good();
}

std::optional<Event> event_of(const EventBlob& blob)
{
    if (blob.data.size() > max_blob_bytes)
        return std::nullopt;
    Unpacker in{blob.data};
    Event event;
    event.id = blob.id;
    event.time_ms = blob.time_ms;
    event.product = product_in(in);
    event.verdict = verdict_in(in);
    const auto flags = in.number();
    event.automatic = (flags & Flag::automatic) != 0;
    event.event_id = (flags & Flag::event_id) != 0;
    event.limited_data_use = (flags & Flag::limited_data_use) != 0;
    event.seen_full = (flags & Flag::seen_full) != 0;
    event.body_cut = (flags & Flag::body_cut) != 0;
    for (const auto text : texts)
        event.*text = text_in(in);
    if ((flags & Flag::has_value) != 0)
        event.value = std::bit_cast<double>(turned(in.number()));
    if ((flags & Flag::has_lists) != 0) {
        read_list(in, event.identifiers);
        read_list(in, event.device_facts);
        read_list(in, event.mine);
        event.page = text_in(in);
        read_list(in, event.custom);
        for (auto left = in.count(); left != 0 && in.good(); --left) {
            auto& content = event.contents.emplace_back();
            content.id = text_in(in);
            content.quantity = number_in(in);
            content.item_price = number_in(in);
        }
    }
    if (!in.good() || !in.at_end())
        return std::nullopt;
    bound(event);
    return event;
}

} // namespace paravent::statistics
