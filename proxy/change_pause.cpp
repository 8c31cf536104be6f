#include "proxy/change_pause.hpp"

#include "proxy/dashboard/reply.hpp"

#include <utility>

namespace paravent {
namespace {

bool reads(const server::LocalRequest& request)
{
    return request.method == "GET" || request.method == "HEAD";
}

server::LocalReply not_now()
{
    auto reply = dashboard::problem_reply(
        {503, "a new version of Paravent is taking over just now: nothing was changed, try again in a moment"});
    reply.fields.emplace_back("Retry-After", "2");
    return reply;
}

} // namespace

server::LocalSite ChangePause::site(server::LocalSite dashboard)
{
    server::LocalSite site;
    site.begins = [this, begins = std::move(dashboard.begins)](const server::LocalRequest& head) {
        const std::lock_guard lock(changing_);
        if (!paused_ || reads(head))
            return begins(head);
        server::Beginning refused;
        refused.refusal = not_now();
        return refused;
    };
    site.answers = [this, answers = std::move(dashboard.answers)](const server::LocalRequest& whole) {
        if (reads(whole))
            return answers(whole);
        const std::lock_guard lock(changing_);
        return paused_ ? not_now() : answers(whole);
    };
    return site;
}

void ChangePause::begin()
{
    const std::lock_guard lock(changing_);
    paused_ = true;
}

void ChangePause::end()
{
    const std::lock_guard lock(changing_);
    paused_ = false;
}

} // namespace paravent
