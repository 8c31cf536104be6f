#include "proxy/server/serve.hpp"

#include "proxy/activity/event.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/batch_stage.hpp"
#include "proxy/server/blocked_page.hpp"
#include "proxy/server/body_stage.hpp"
#include "proxy/server/config_reader.hpp"
#include "proxy/server/forward.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/link.hpp"
#include "proxy/server/local.hpp"
#include "proxy/server/report.hpp"
#include "proxy/server/retargeted.hpp"
#include "proxy/server/stand_in.hpp"

#include <memory>
#include <optional>

namespace paravent::server {

using net::awaitable;
using Form = wire::Target::Form;

namespace {

bool is_local(const Connection& connection, const Snapshot& snapshot, const wire::Target& target)
{
    return connection.role == Role::dashboard || connection.secure ||
           (target.form == Form::absolute && !target.https && connection.role != Role::redirected &&
            snapshot.is_box(target.host));
}

/// The absolute URL, as the rules read it.
std::string url_of(const wire::Target& target)
{
    std::string url = target.https ? "https://" : "http://";
    url += wire::host_field(target.host, target.port, target.https);
    if (!target.path.starts_with('/'))
        url += '/';
    return url.append(target.path);
}

/// TRACE and OPTIONS may ask the proxy itself (RFC 9110, 7.6.2). TRACE is not answered: it would repeat cookies.
bool ends_here(const Exchange::Head& head)
{
    return (head.method == "OPTIONS" || head.method == "TRACE") &&
           wire::http1::find(*head.fields, "max-forwards") == "0";
}

awaitable<void> do_what_is_right(Connection& connection, Exchange& x, const Asked& asked, const Judgement& judgement,
                                 std::size_t events, std::shared_ptr<const Snapshot> snapshot)
{
    switch (judgement.action) {
    case rules::Action::block:
        return answer_blocked(connection, x, asked, judgement, events);
    case rules::Action::answer:
        return answer_instead(connection, x, asked, judgement);
    case rules::Action::allow:
    case rules::Action::log:
        break;
    }
    return forward(connection, x, asked, std::move(snapshot));
}

/// Judged by its address, and by its body where that tells more. What was decoded is gone before the answer, which may
/// take its time.
awaitable<void> serve_judged(Connection& connection, Exchange& x, const policy::Client& client, const Asked& asked,
                             std::shared_ptr<const Snapshot> snapshot)
{
    const auto judgement = judge(*snapshot, client, asked);
    if (const auto link = marked_link(connection, *snapshot, client, asked, x.head().target, judgement))
        co_return co_await serve_link(connection, x, asked, std::move(snapshot), client, *link);
    std::optional<Replayed> replayed;
    auto carried = carried_by(x.head(), nullptr);
    if (tells_in_body(x, asked, judgement)) {
        auto captured = std::make_unique<Captured>(connection.worker);
        const auto error = co_await capture(x, *captured);
        carried = carried_by(x.head(), captured.get());
        if (error) {
            if (stops(judgement)) // else nobody was told anything
                record(connection, client, asked, judgement, carried);
            co_return co_await answer_unread(x, error);
        }
        replayed.emplace(x, std::move(captured));
    }
    Exchange& exchange = replayed ? *replayed : x;
    auto batch = judge_parts(connection.worker, *snapshot, client, asked, judgement, carried);
    std::size_t events = 0;
    if (batch)
        record(connection, client, asked, judgement, *batch);
    else
        events = record(connection, client, asked, judgement, carried);
    carried = {};
    if (asks_for_config(asked, judgement)) {
        ConfigReader reader(exchange, connection, page_host(asked.page));
        co_return co_await forward(connection, reader, asked, std::move(snapshot));
    }
    auto remainder = batch ? std::move(batch->remainder) : nullptr;
    batch.reset();
    if (!remainder)
        co_return co_await do_what_is_right(connection, exchange, asked, judgement, events, std::move(snapshot));
    if (replayed)
        replayed->drop();
    co_await serve_batch(connection, exchange, asked, std::move(remainder), std::move(snapshot));
}

} // namespace

awaitable<void> serve(Connection& connection, Exchange& x)
{
    auto snapshot = connection.worker.snapshot();
    const auto& head = x.head();
    const auto& target = head.target;
    if (is_local(connection, *snapshot, target)) {
        snapshot.reset(); // a stream of events may go on for days
        co_return co_await serve_local(connection, x);
    }
    if (target.form != Form::absolute)
        co_return co_await answer_error(x, 400, "bad-request",
                                        "this is a proxy: enter it in the settings of a browser or computer, the "
                                        "dashboard has an address of its own");
    if (target.https && !connection.inside)
        co_return co_await answer_error(x, 501, "not-implemented", "https is reached by CONNECT");
    if (ends_here(head))
        co_return co_await answer_error(x, head.method == "OPTIONS" ? 200 : 501, "not-implemented",
                                        "TRACE is not answered here");
    if (is_allowance(connection, head))
        co_return co_await allow_for_a_while(connection, x);
    if (is_for_us(connection, target))
        co_return co_await serve_report(connection, x, *snapshot);

    const auto client = connection.client();
    const std::string url = url_of(target);
    auto page = wire::http1::find(*head.fields, "referer");
    if (page.empty())
        page = wire::http1::find(*head.fields, "origin");
    std::string told;
    if ((page.empty() || page == "null") && activity::is_meta(target.host))
        page = told = activity::page_told(url);
    const Asked asked{
        head.method, url, target.host, page, type_of(target.path, *head.fields), true, connection.inside != nullptr};
    std::optional<Retargeted> unmarked;
    if (auto path = without_mark(target.host, target.path))
        unmarked.emplace(x, std::move(*path));
    Exchange& asker = unmarked ? static_cast<Exchange&>(*unmarked) : x;
    if (client->unjudged(wall_clock_ms())) {
        connection.count_unjudged();
        co_return co_await forward(connection, asker, asked, std::move(snapshot));
    }
    co_await serve_judged(connection, asker, *client, asked, std::move(snapshot));
}

} // namespace paravent::server
