#include "proxy/server/judge.hpp"

#include "proxy/activity/product.hpp"
#include "proxy/server/stand_in.hpp"
#include "proxy/wire/target.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace paravent::server {
namespace {

using rules::Type;

std::string label_of(const rules::Rule& rule)
{
    std::string label;
    label.reserve(rule.list.size() + 1 + rule.id.size());
    return label.append(rule.list).append("/").append(rule.id);
}

} // namespace

std::string page_host(std::string_view page)
{
    if (page.empty())
        return {};
    auto target = wire::parse_target(page, false);
    return target && target->form == wire::Target::Form::absolute ? std::move(target->host) : std::string{};
}

std::int64_t wall_clock_ms()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Judgement judge(const Snapshot& snapshot, const policy::Client& client, const Asked& asked)
{
    Judgement judgement;
    const std::string page = page_host(asked.page);
    if (const auto* exception =
            client.exceptions.empty() ? nullptr : client.exception_for(page, asked.host, wall_clock_ms())) {
        judgement.action = exception->verdict;
        judgement.rule = "exception/" + exception->id;
        return judgement;
    }
    rules::Request request;
    request.url = asked.url;
    request.host = asked.host;
    request.page_host = page;
    request.type = asked.type;
    request.method = asked.method;
    request.host_only = !asked.whole;
    request.intercepted = asked.intercepted;
    judgement.verdict = decide(*snapshot.rules, client, request);
    judgement.action = judgement.verdict.action;
    if (judgement.action == rules::Action::answer) {
        judgement.mode = mode_of(client, page, asked.intercepted);
        judgement.action = is_clicked(judgement.verdict, asked.url) ? rules::Action::log
                                                                    : action_under(judgement.mode, judgement.verdict);
    }
    if (judgement.verdict.rule)
        judgement.rule = label_of(judgement.verdict.rule);
    return judgement;
}

activity::Seen seen_of(const Asked& asked, const Judgement& judgement, const Carried& carried)
{
    const auto& rule = judgement.verdict.rule;
    const auto category = rule.category == rules::Category::other ? rule.category_name : rules::name_of(rule.category);
    return {asked.method,         asked.url,      asked.host,           asked.page,  asked.whole,
            rule ? category : "", carried.body(), carried.content_type, carried.cut, carried.cookies};
}

std::size_t record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
                   const Carried& carried)
{
    auto& statistics = connection.worker.shared.statistics;
    auto seen = seen_of(asked, judgement, carried);
    seen.mine = client.mine.get();
    if (judgement.verdict.rule.category == rules::Category::other && !activity::concerns_meta(seen)) {
        statistics.count(client.device.id, judgement.action, judgement.rule);
        return 0;
    }
    const auto now = wall_clock_ms();
    // A preflight is a request, but no event: that is what follows it.
    const bool preflight = activity::is_preflight(seen);
    if (preflight || !statistics.keeps(now, client.device.privacy)) {
        if (const auto told = activity::glance_at(seen)) {
            const auto site = told->site.empty() ? asked.host : std::string_view{told->site};
            statistics.count_told(now, client.device.id, site, told->product, judgement.action, judgement.rule);
            return preflight ? 0 : 1;
        }
    }
    auto events = activity::events_of(seen);
    const auto count = events.size();
    record(connection, client, asked, judgement, std::move(events));
    return count;
}

void record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
            std::vector<activity::Event> events)
{
    const auto now = wall_clock_ms();
    for (auto& event : events) {
        event.time_ms = now;
        event.device = client.device.id;
        event.address = connection.address();
        event.verdict = judgement.action;
        event.rule = judgement.rule;
        event.seen_full = asked.whole;
        connection.worker.shared.statistics.record(std::move(event), client.device.privacy);
    }
}

Judgement judge_and_record(Connection& connection, const Snapshot& snapshot, const policy::Client& client,
                           const Asked& asked)
{
    if (client.unjudged(wall_clock_ms())) {
        connection.count_unjudged();
        return {};
    }
    auto judgement = judge(snapshot, client, asked);
    record(connection, client, asked, judgement);
    return judgement;
}

Type type_of(std::string_view path, const Fields& fields)
{
    constexpr std::array<std::pair<std::string_view, Type>, 16> destinations{{
        {"document", Type::document},
        {"iframe", Type::subdocument},
        {"frame", Type::subdocument},
        {"script", Type::script},
        {"worker", Type::script},
        {"serviceworker", Type::script},
        {"image", Type::image},
        {"style", Type::stylesheet},
        {"font", Type::font},
        {"audio", Type::media},
        {"video", Type::media},
        {"track", Type::other},
        {"object", Type::object},
        {"embed", Type::object},
        {"empty", Type::xmlhttprequest},
        {"manifest", Type::other},
    }};
    constexpr std::array<std::pair<std::string_view, Type>, 12> endings{{
        {".js", Type::script},
        {".mjs", Type::script},
        {".css", Type::stylesheet},
        {".gif", Type::image},
        {".png", Type::image},
        {".jpg", Type::image},
        {".webp", Type::image},
        {".svg", Type::image},
        {".woff2", Type::font},
        {".mp4", Type::media},
        {".html", Type::document},
        {".json", Type::xmlhttprequest},
    }};
    using wire::http1::find;
    if (const auto destination = find(fields, "sec-fetch-dest"); !destination.empty()) {
        for (const auto& [name, type] : destinations)
            if (destination == name)
                return type;
        return Type::other;
    }
    if (wire::http1::equals_ignore_case(find(fields, "upgrade"), "websocket"))
        return Type::websocket;
    const auto accept = find(fields, "accept");
    if (accept.starts_with("text/html"))
        return Type::document;
    if (accept.starts_with("image/"))
        return Type::image;
    if (accept.starts_with("text/css"))
        return Type::stylesheet;
    path = path.substr(0, path.find('?'));
    for (const auto& [ending, type] : endings)
        if (path.ends_with(ending))
            return type;
    return Type::other;
}

} // namespace paravent::server
