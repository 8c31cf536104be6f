#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/feed.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace paravent::dashboard {
namespace {

/// Rows of one CSV answer where no limit was asked for: about 10 MB. The rest is behind the Link field.
constexpr std::size_t max_csv_rows = 50'000;

std::string link_to_next(std::string_view query, std::int64_t cursor)
{
    std::string link = "</api/v1/events.csv?";
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (!pair.empty() && !pair.starts_with("cursor="))
            link += std::string(pair) + "&";
    }
    return link + "cursor=" + std::to_string(cursor) + ">; rel=\"next\"";
}

} // namespace

server::LocalReply page_reply(const statistics::EventPage& page)
{
    boost::json::array items;
    for (const auto& event : page.items)
        items.push_back(shape(event));
    auto out = page_of(std::move(items),
                       page.next ? boost::json::value(std::to_string(*page.next)) : boost::json::value(nullptr));
    if (page.searched_to_ms)
        out["searched_to"] = rfc3339(*page.searched_to_ms);
    return json_reply(out);
}

server::LocalReply get_events(const Parts& parts, const Call& call)
{
    const auto query =
        Query::parse(call.query, {"device", "site", "product", "verdict", "from", "to", "q", "limit", "cursor"});
    if (!query)
        return problem_reply(query.error());
    const auto wanted = event_query(*query, parts.policy);
    if (!wanted)
        return problem_reply(wanted.error());
    const auto page = parts.recorder.events(*wanted);
    return page_reply(page);
}

server::LocalReply get_events_csv(const Parts& parts, const Call& call)
{
    const auto query =
        Query::parse(call.query, {"device", "site", "product", "verdict", "from", "to", "q", "limit", "cursor"});
    if (!query)
        return problem_reply(query.error());
    auto wanted = event_query(*query, parts.policy);
    if (!wanted)
        return problem_reply(wanted.error());
    const std::size_t most = (*query)["limit"].empty() ? max_csv_rows : wanted->limit;

    auto reply = text_reply("text/csv; charset=utf-8; header=present", csv_header());
    std::size_t rows = 0;
    while (rows < most) {
        wanted->limit = static_cast<unsigned>(std::min<std::size_t>(1000, most - rows));
        const auto page = parts.recorder.events(*wanted);
        for (const auto& event : page.items)
            reply.body += csv_line(shape(event));
        rows += page.items.size();
        wanted->before = page.next;
        if (!page.next)
            break;
    }
    if (rows >= most && wanted->before)
        reply.fields.emplace_back("Link", link_to_next(call.query, *wanted->before));
    return reply;
}

server::LocalReply get_events_stream(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"device", "site", "product", "verdict", "q"});
    if (!query)
        return problem_reply(query.error());
    const auto wanted = event_query(*query, parts.policy);
    if (!wanted)
        return problem_reply(wanted.error());
    auto reply = text_reply("text/event-stream", {});
    if (call.request.method != "HEAD")
        reply.feed = follow(parts.recorder, *wanted);
    return reply;
}

server::LocalReply delete_events(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"device", "site"});
    if (!query)
        return problem_reply(query.error());
    const auto wanted = event_query(*query, parts.policy);
    if (!wanted)
        return problem_reply(wanted.error());
    // "?device=" is a slip, not a wish to lose everything.
    if (!call.query.empty() && wanted->device.empty() && wanted->site.empty())
        return problem_reply({400, "device or site: empty; without any parameter all events are forgotten"});
    const auto forgotten = parts.recorder.forget(wanted->device, wanted->site);
    if (wanted->site.empty())
        forget_interception(parts, wanted->device);
    if (wanted->site.empty() && wanted->device.empty()) // everything: also what Meta said
        parts.imports.clear();
    return json_reply({{"forgotten", forgotten}});
}

} // namespace paravent::dashboard
