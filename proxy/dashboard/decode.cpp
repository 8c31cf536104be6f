// A HAR that somebody drops on the page: what did that visit tell Meta?
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/har.hpp"
#include "proxy/dashboard/shapes.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {

server::LocalReply post_decode(const Parts&, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    constexpr std::size_t most = 20'000; // events of one answer: a body of 1 MiB can hold batches of many
    boost::json::array items;
    HarReader reader([&](const RecordedRequest& request) {
        for (auto& event : decoded(request))
            if (items.size() < most)
                items.push_back(std::move(event));
    });
    try {
        reader.feed(call.request.body, true);
    } catch (const HarError& error) {
        return problem_reply({400, "the body, line " + std::to_string(error.line) + ": " + error.what()});
    }
    return json_reply(page_of(std::move(items)));
}

} // namespace paravent::dashboard
