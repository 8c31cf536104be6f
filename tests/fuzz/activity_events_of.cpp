#include "proxy/activity/event.hpp"
#include "proxy/activity/facts.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace paravent::activity;

/// The first byte chooses the host; the rest is the URL from its path on.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static constexpr std::string_view hosts[] = {"www.facebook.com", "graph.facebook.com", "connect.facebook.net",
                                                 "www.instagram.com", "cx.atdmt.com"};
    if (size == 0)
        return 0;
    const auto host = hosts[data[0] % std::size(hosts)];
    const std::string_view rest{reinterpret_cast<const char*>(data + 1), size - 1};
    const auto url = "https://" + std::string{host} + "/" + std::string{rest};
    const Seen seen{.method = "GET", .url = url, .host = host, .page = rest, .full = true, .category = "pixel-event"};
    const auto events = events_of(seen);
    if (events.empty() || events.size() > max_events)
        std::abort();
    if (const auto glance = glance_at(seen))
        if (events.size() != 1 || events[0].product != glance->product || events[0].site != glance->site)
            std::abort();
    for (const auto& event : events) {
        if (event.name.size() > 64 || event.account.size() > 32 || event.contents.size() > 64 ||
            event.custom.size() > 64 || event.identifiers.size() > 32)
            std::abort();
        for (const auto* text : {&event.name, &event.site, &event.page, &event.currency})
            for (const char c : *text)
                if (static_cast<unsigned char>(c) < 0x20)
                    std::abort();
    }
    return 0;
}
