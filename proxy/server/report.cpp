#include "proxy/server/report.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/activity/report.hpp"
#include "proxy/net/deadlines.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/stand_in.hpp"
#include "rules/domains.hpp"

#include <algorithm>

namespace paravent::server {

using net::awaitable;

namespace {

constexpr std::string_view loader_host = "connect.facebook.net";
constexpr std::string_view folder = "/paravent/";

std::string_view path_of(const wire::Target& target) noexcept
{
    return std::string_view(target.path).substr(0, target.path.find('?'));
}

activity::Fields fields_of(const wire::Target& target)
{
    const std::string_view all = target.path;
    return activity::Fields{all.substr(std::min(path_of(target).size() + 1, all.size()))};
}

/// Whether a page (empty: unknown) would get the stand-in that reports, if it asked now.
bool reports(const Snapshot& snapshot, const policy::Client& client, const std::string& host, std::string_view page)
{
    if (client.unjudged(wall_clock_ms()))
        return false;
    const std::string url = "https://" + host + "/en_US/fbevents.js";
    const auto judgement = judge(snapshot, client, {"GET", url, host, page, rules::Type::script, true, true});
    return judgement.action == rules::Action::answer && is_reporting(judgement.verdict, judgement.mode);
}

/// A page that is nobody's could call itself anything: only what fits into the answer's quotes is repeated.
bool is_nonce(std::string_view text) noexcept
{
    return text.size() >= 8 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
           });
}

awaitable<void> give_token(Connection& connection, Exchange& x, const Snapshot& snapshot)
{
    const auto& client = *connection.client();
    const auto nonce = std::string(fields_of(x.head().target)["n"]);
    if (!is_nonce(nonce) || !reports(snapshot, client, x.head().target.host, {}))
        co_return co_await answer_script(x, 404, {});
    auto& tokens = connection.worker.shared.report_tokens;
    const auto given = tokens.give(client.device.id, net::coarse_now());
    std::string script = "(function(e){e&&e.paravent&&e.paravent(\"";
    script.append(nonce).append("\",\"").append(tokens.password(client.device.id));
    script.append("\",\"").append(given.token).append("\",\"").append(given.pad);
    script += "\")})(document.currentScript);\n";
    co_await answer_script(x, 200, std::move(script));
}

awaitable<void> take_report(Connection& connection, Exchange& x, const Snapshot& snapshot)
{
    auto& shared = connection.worker.shared;
    const auto& client = *connection.client();
    const auto fields = fields_of(x.head().target);
    const auto form = shared.report_tokens.open(fields["t"], fields["r"], client.device.id, net::coarse_now());
    if (!form)
        co_return co_await answer_script(x, 403, {});
    auto event = activity::read_report(*form);
    if (!event || !reports(snapshot, client, x.head().target.host, event->page))
        co_return co_await answer_script(x, 404, {});
    event->time_ms = wall_clock_ms();
    event->device = client.device.id;
    event->address = connection.address();
    event->destination = x.head().target.host;
    event->verdict = rules::Action::answer;
    event->rule = "meta/fbevents";
    shared.statistics.record(std::move(*event), client.device.privacy);
    co_await answer_script(x, 200, {});
}

} // namespace

bool is_for_us(const Connection& connection, const wire::Target& target) noexcept
{
    return connection.inside && rules::is_or_below(target.host, loader_host) && target.path.starts_with(folder);
}

awaitable<void> serve_report(Connection& connection, Exchange& x, const Snapshot& snapshot)
{
    const auto path = path_of(x.head().target);
    const bool get = x.head().method == "GET";
    if (get && path == "/paravent/token.js")
        co_return co_await give_token(connection, x, snapshot);
    if (get && path == "/paravent/report.js")
        co_return co_await take_report(connection, x, snapshot);
    co_await answer_script(x, 404, {});
}

} // namespace paravent::server
