#include "proxy/dashboard/reply.hpp"

#include "proxy/wire/http1.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
server::LocalReply text_reply(std::string_view type, std::string body)
{
    server::LocalReply reply;
    reply.fields.emplace_back("Content-Type", type);
    reply.body = std::move(body);
    return reply;
}

server::LocalReply json_reply(const boost::json::value& value, unsigned status)
{
    auto reply = text_reply("application/json", text_of(value) + "\n");
    reply.status = status;
    return reply;
}

server::LocalReply problem_reply(const Problem& problem)
{
    auto reply = json_reply({{"type", "about:blank"},
                             {"title", wire::http1::reason_of(problem.status)},
                             {"status", problem.status},
                             {"detail", problem.detail}},
                            problem.status);
    reply.fields.front().second = "application/problem+json";
    return reply;
}

server::LocalReply done_reply()
{
    server::LocalReply reply;
    reply.status = 204;
    return reply;
}

} // namespace paravent::dashboard
