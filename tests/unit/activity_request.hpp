#pragma once

#include "proxy/activity/event.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Requests as the decoders get them, and their events as one text, to look for what must not be there.
namespace activity_request {

using paravent::activity::Event;
using paravent::activity::Seen;

inline std::string_view host_of(std::string_view url)
{
    url.remove_prefix(url.find("//") + 2);
    return url.substr(0, url.find('/'));
}

inline Seen post(std::string_view url, std::string_view type, std::string_view body, bool cut = false)
{
    Seen seen{.method = "POST", .url = url, .host = host_of(url), .page = {}, .full = true, .category = {}};
    seen.body = body;
    seen.content_type = type;
    seen.body_cut = cut;
    return seen;
}

/// Everything that is text in the events.
inline std::string all_text(const std::vector<Event>& events)
{
    std::string all;
    const auto add = [&](std::string_view text) { all.append(text).append("\n"); };
    for (const auto& event : events) {
        for (const auto* text : {&event.site, &event.page, &event.account, &event.name, &event.currency})
            add(*text);
        for (const auto& content : event.contents)
            add(content.id);
        for (const auto* pairs : {&event.custom, &event.device_facts})
            for (const auto& [key, value] : *pairs)
                add(key + "=" + value);
        for (const auto& kind : event.identifiers)
            add(kind);
    }
    return all;
}

inline std::string joined(const std::vector<std::string>& words)
{
    std::string all;
    for (const auto& word : words)
        all += (all.empty() ? "" : " ") + word;
    return all;
}

} // namespace activity_request
