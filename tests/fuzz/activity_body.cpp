#include "proxy/activity/batch_rest.hpp"
#include "proxy/activity/facts.hpp"
#include "proxy/activity/fields.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace paravent::activity;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

struct Place {
    std::string_view host, url;
};
constexpr Place places[] = {
    {"www.facebook.com", "https://www.facebook.com/tr/?id=1"},
    {"graph.facebook.com", "https://graph.facebook.com/v19.0/123/events"},
    {"graph.facebook.com", "https://graph.facebook.com/123/activities"},
    {"graph.facebook.com", "https://graph.facebook.com/"},
    {"www.facebook.com", "https://www.facebook.com/adnw_sync2"},
    {"x.cloud.example", "https://x.cloud.example/events?cee=no"},
};
constexpr std::string_view types[] = {"application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
                                      "application/json", ""};

/// Whatever a batch looks like: what was taken out is not found in what is left, and the others are.
void check(const Seen& seen, const Batch& batch)
{
    for (const auto& part : batch.parts) {
        require(part.at + part.size <= batch.json.size());
        require(batch.json[part.at] == '{' && batch.json[part.at + part.size - 1] == '}');
    }
    if (batch.parts.empty())
        return;
    const std::size_t taken[] = {batch.parts.size() / 2};
    const auto rest = without(seen, batch, taken);
    if (!rest)
        return;
    // Wherever it might stand, unless another part says just the same.
    const auto gone = batch.json.substr(batch.parts[taken[0]].at, batch.parts[taken[0]].size);
    for (const auto& part : batch.parts)
        if (part.index != taken[0] && batch.json.substr(part.at, part.size).find(gone) != std::string::npos)
            return;
    const auto before = form_decoded(seen.body), after = form_decoded(rest->body);
    const auto count = [&](std::string_view text) {
        std::size_t times = 0;
        for (auto at = text.find(gone); at != std::string_view::npos; at = text.find(gone, at + 1))
            ++times;
        return times;
    };
    require(count(after) < count(before) || count(before) == 0);
}

} // namespace

/// The first byte chooses address, type and whether the body is cut; the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    if (size == 0)
        return 0;
    const auto& place = places[(data[0] & 15) % std::size(places)];
    Seen seen{.method = "POST", .url = place.url, .host = place.host, .page = {}, .full = true, .category = {}};
    seen.body = {reinterpret_cast<const char*>(data + 1), size - 1};
    seen.content_type = types[(data[0] >> 4) % std::size(types)];
    seen.body_cut = (data[0] & 0x80) != 0;

    const auto events = events_of(seen);
    require(!events.empty() && events.size() <= max_events);
    for (const auto& event : events) {
        require(event.name.size() <= 64 && event.account.size() <= 32 && event.currency.size() <= 8);
        require(event.contents.size() <= max_contents && event.custom.size() <= max_custom);
        require(event.identifiers.size() <= max_identifiers && event.device_facts.size() <= 8);
        for (const auto* text : {&event.name, &event.site, &event.page, &event.currency})
            for (const char c : *text)
                require(static_cast<unsigned char>(c) >= 0x20);
        for (const auto& [key, value] : event.custom)
            require(key.size() <= 64 && value.size() <= 256);
    }
    if (const auto batch = batch_of(seen); batch && batch->whole)
        check(seen, *batch);
    return 0;
}
