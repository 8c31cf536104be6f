#include "proxy/activity/batch_rest.hpp"
#include "proxy/activity/facts.hpp"

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
    Seen left = seen;
    left.body = rest->body;
    const auto again = batch_of(left);
    require(again && again->whole && again->parts.size() == batch.parts.size() - 1);
    for (const auto& part : again->parts)
        require(part.path == batch.parts[part.index + (part.index >= taken[0] ? 1 : 0)].path);
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
