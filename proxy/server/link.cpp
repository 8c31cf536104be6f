#include "proxy/server/link.hpp"

#include "proxy/activity/event.hpp"
#include "proxy/net/deadlines.hpp"
#include "proxy/server/exchange_layer.hpp"
#include "proxy/server/forward.hpp"
#include "proxy/wire/link_decoration.hpp"

#include <algorithm>

namespace paravent::server {

using net::awaitable;
using rules::Action;
using rules::Type;
using Fate = MarkedLink::Fate;

namespace {

constexpr std::string_view identifier = "link-decoration"; ///< how those of our rules begin

/// A request that goes out with another path.
class Readdressed final : public ExchangeLayer {
public:
    Readdressed(Exchange& asked, std::string_view path) : ExchangeLayer(asked), head_(asked.head())
    {
        head_.target.path = path.empty() ? std::string_view{"/"} : path;
    }

    const Head& head() const noexcept override { return head_; }

private:
    Head head_;
};

bool is_get(std::string_view method) noexcept
{
    return method == "GET" || method == "HEAD";
}

/// What the rule about Meta's counters, if it is in force, has done for this device with links that Meta marked.
Judgement ruling(const rules::Ruleset& ruleset, const policy::Client& client)
{
    Judgement judgement;
    rules::Request request;
    request.url = "https://l.facebook.com/l.php?u=";
    request.host = "l.facebook.com";
    request.type = Type::document;
    request.intercepted = true;
    request.rulings = &client.rulings;
    judgement.verdict = ruleset.decide(request);
    if (is_about_links(judgement.verdict.rule))
        judgement.action = judgement.verdict.action;
    return judgement;
}

MarkedLink by_metas_counter(const Asked& asked, const wire::Target& target, const Judgement& judgement)
{
    MarkedLink link{Fate::leave, {}, judgement.action, judgement.rule, judgement.verdict};
    if (judgement.action != Action::answer)
        return link;
    auto to = is_get(asked.method) ? wire::linked_address(target.host, target.path) : std::nullopt;
    if (to) {
        link.fate = Fate::redirect;
        link.to = std::move(*to);
    } else {
        link.action = Action::log; // it is odd: Meta may say what it is
    }
    return link;
}

/// A page is led to its address without the mark, so that no script of its own reads it; a site that puts the mark back
/// gets such a request without it a few times, and then as it wants it.
Fate fate_of(const Asked& asked, std::string_view clean, unsigned before)
{
    constexpr unsigned most_cut = 4;
    if (before > most_cut)
        return Fate::leave;
    const bool plain = std::all_of(clean.begin(), clean.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    return before == 0 && plain && asked.type == Type::document && is_get(asked.method) ? Fate::redirect : Fate::cut;
}

awaitable<void> redirect(Exchange& x, const MarkedLink& link)
{
    Exchange::Reply reply;
    reply.status = link_stand_in().status;
    reply.length = 0;
    const std::string extra =
        "Location: " + link.to + "\r\nParavent-Rule: " + link.rule + "\r\nCache-Control: no-store\r\n";
    reply.extra = extra;
    x.write_head(reply);
    if (co_await x.finish())
        x.abort();
}

} // namespace

bool is_about_links(const rules::Rule& rule) noexcept
{
    return rule.list == "meta" && rule.id.starts_with(identifier);
}

const StandIn& link_stand_in() noexcept
{
    static constexpr StandIn there{302, {}, {}, "302", "with a redirect to the address that the link is for (302)"};
    return there;
}

std::optional<MarkedLink> marked_link(Connection& connection, const Snapshot& snapshot, const policy::Client& client,
                                      const Asked& asked, const wire::Target& target, const Judgement& judgement)
{
    return marked_link(*snapshot.rules, client, asked, target, judgement, [&](std::string_view address) {
        return connection.worker.shared.links.asked_before(connection.address(), address, net::coarse_now());
    });
}

std::optional<MarkedLink> marked_link(const rules::Ruleset& ruleset, const policy::Client& client, const Asked& asked,
                                      const wire::Target& target, const Judgement& judgement,
                                      const std::function<unsigned(std::string_view)>& asked_before)
{
    if (is_about_links(judgement.verdict.rule) && !judgement.verdict.exception)
        return by_metas_counter(asked, target, judgement);
    if (judgement.action != Action::allow || !judgement.rule.empty())
        return std::nullopt;
    auto path = wire::undecorated(target.path);
    // An exception for the site opened counts too, where the page that the link stands on is another.
    if (!path || activity::concerns_meta(seen_of(asked, judgement, {})) ||
        client.exception_for({}, asked.host, wall_clock_ms()) != nullptr)
        return std::nullopt;
    const auto ruled = ruling(ruleset, client);
    if (ruled.action == Action::allow)
        return std::nullopt;
    MarkedLink link{Fate::leave, {}, Action::log, "meta/" + std::string(identifier), ruled.verdict};
    if (ruled.action == Action::log)
        return link;
    auto address = wire::undecorated(asked.url).value_or(std::string(asked.url));
    link.fate = fate_of(asked, address, asked_before(address));
    if (link.fate == Fate::redirect)
        link.action = Action::answer;
    link.to = std::move(link.fate == Fate::redirect ? address : *path);
    return link;
}

awaitable<void> serve_link(Connection& connection, Exchange& exchange, const Asked& asked,
                           std::shared_ptr<const Snapshot> snapshot, const policy::Client& client,
                           const MarkedLink& link)
{
    if (activity::is_meta(asked.host)) { // its counters were about to be told who opens the link
        Judgement done;
        done.action = link.action;
        done.rule = link.rule;
        record(connection, client, asked, done);
    } else
        connection.worker.shared.statistics.count(client.device.id, link.action, link.rule);
    if (link.fate == Fate::redirect)
        co_return co_await redirect(exchange, link);
    if (link.fate == Fate::leave)
        co_return co_await forward(connection, exchange, asked, std::move(snapshot));
    Readdressed other(exchange, link.to);
    co_await forward(connection, other, asked, std::move(snapshot));
}

} // namespace paravent::server
