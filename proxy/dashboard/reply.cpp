#include "proxy/dashboard/reply.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

std::string_view title_of(unsigned status) noexcept
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 421:
        return "Misdirected Request";
    case 503:
        return "Service Unavailable";
    default:
        return status < 500 ? "Bad Request" : "Internal Server Error";
    }
}

} // namespace

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
                             {"title", title_of(problem.status)},
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
