#include "proxy/server/local.hpp"

#include "proxy/net/address.hpp"
#include "proxy/net/error.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/turn.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/intake.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace paravent::server {

using net::awaitable;
namespace asio = net::asio;

std::string_view LocalRequest::field(std::string_view name) const noexcept
{
    for (const auto& [own, value] : fields)
        if (wire::http1::equals_ignore_case(own, name))
            return value;
    return {};
}

namespace {

/// One deadline for a whole body, however its bytes drip in.
class BodyDeadline final : private net::Wait {
public:
    BodyDeadline(Worker& worker, Exchange& exchange, net::Millis limit) : Wait(worker.deadlines), exchange_(exchange)
    {
        due_in(limit);
    }
    bool over = false;

private:
    void expire() override
    {
        over = true;
        exchange_.cancel_body();
    }
    Exchange& exchange_;
};

enum class Reading : std::uint8_t { whole, too_large, busy, late, gone };

awaitable<Reading> read_whole(Worker& worker, Exchange& x, std::string& body, std::size_t most,
                              LocalBodies::Share& share)
{
    BodyDeadline deadline(worker, x, worker.snapshot()->settings->limits.head);
    for (;;) {
        const auto piece = co_await x.read_body();
        if (deadline.over)
            co_return Reading::late;
        if (!piece)
            co_return Reading::gone;
        if (piece->empty())
            co_return Reading::whole;
        if (body.size() + piece->size() > most)
            co_return Reading::too_large;
        if (!share.grow(piece->size()))
            co_return Reading::busy;
        body.append(*piece);
    }
}

awaitable<void> answer_unread(Exchange& x, Reading reading, std::size_t most)
{
    const auto too_large =
        "this request to the dashboard is too large: at most " + std::to_string(most / 1024) + " KiB are taken here";
    switch (reading) {
    case Reading::too_large:
        co_return co_await answer_error(x, 413, "too-large", too_large);
    case Reading::busy:
        co_return co_await answer_error(x, 503, "busy",
                                        "too many large requests to the dashboard at once: try again in a moment");
    case Reading::late:
        co_return co_await answer_error(x, 408, "timeout", "the request's body did not arrive in time");
    case Reading::whole:
    case Reading::gone:
        co_return x.abort();
    }
}

/// Asks on the dashboard's thread, resumes on the worker.
template <class Answer>
awaitable<std::shared_ptr<Answer>> ask_site(Shared& shared, std::shared_ptr<const LocalRequest> request,
                                            Answer (*ask)(const LocalSite&, const LocalRequest&))
{
    co_return co_await asio::async_initiate<const asio::deferred_t&, void(std::shared_ptr<Answer>)>(
        [&shared, &request, ask](auto handler) {
            auto held = std::make_shared<decltype(handler)>(std::move(handler));
            asio::post(shared.site_thread, [&shared, held, asked = std::move(request), ask]() mutable {
                auto answer = std::make_shared<Answer>(ask(shared.site, *asked));
                asked.reset(); // before the worker goes on: its body is counted no longer than it is there
                asio::post(asio::get_associated_executor(*held), [held, answer] { std::move (*held)(answer); });
            });
        },
        asio::deferred);
}

Beginning begin(const LocalSite& site, const LocalRequest& head)
{
    return site.begins(head);
}

LocalReply answer(const LocalSite& site, const LocalRequest& whole)
{
    return site.answers(whole);
}

std::string lines_of(const LocalReply& reply)
{
    std::string lines;
    for (const auto& [name, value] : reply.fields)
        lines.append(name).append(": ").append(value).append("\r\n");
    return lines;
}

/// Wakes a feed's connection from any thread, for as long as it is there to be woken.
struct Waker {
    explicit Waker(net::Executor its_executor) : executor(std::move(its_executor)) {}
    net::Executor executor;
    net::Signal* signal = nullptr; ///< null once the connection has gone; only touched on its worker
};

/// A heartbeat's deadline.
class Pulse final : private net::Wait {
public:
    Pulse(Worker& worker, net::Signal& signal, net::Stream& stream)
        : Wait(worker.deadlines), worker_(worker), signal_(signal), stream_(stream)
    {
    }
    static constexpr net::Millis look{1000};
    static constexpr int beats = 15;
    void start() { due_in(look); }
    bool gone = false, beat = false;

private:
    void expire() override
    {
        gone = stream_.ended();
        beat = ++looks_ % beats == 0;
        if (gone || beat || worker_.draining())
            signal_.set();
        due_in(look);
    }
    Worker& worker_;
    net::Signal& signal_;
    net::Stream& stream_;
    int looks_ = 0;
};

awaitable<void> follow(Connection& connection, Exchange& x, Feed& feed)
{
    net::Signal ready(connection.worker.signals);
    Pulse pulse(connection.worker, ready, connection.stream);
    pulse.start();
    const auto waker = std::make_shared<Waker>(connection.worker.context.get_executor());
    waker->signal = &ready;
    feed.on_ready([waker] {
        asio::post(waker->executor, [waker] {
            if (waker->signal)
                waker->signal->set();
        });
    });
    net::Turn turn;
    // The client sees the head at once, not with the first news. (A download has no heartbeat, and ends.)
    bool going = feed.heartbeat().empty() || !co_await x.write_body(feed.heartbeat());
    while (going && !connection.worker.draining()) {
        const auto bytes = feed.take();
        if (!bytes.empty()) {
            going = !co_await x.write_body(bytes);
            if (turn.used_up(bytes.size()))
                co_await net::give_way(connection.worker.context);
            continue;
        }
        if (feed.finished()) {
            feed.on_ready(nullptr);
            waker->signal = nullptr;
            if (co_await x.finish())
                x.abort();
            co_return;
        }
        co_await ready.wait();
        if (pulse.gone)
            break;
        if (std::exchange(pulse.beat, false))
            going = !co_await x.write_body(feed.heartbeat());
    }
    feed.on_ready(nullptr);
    waker->signal = nullptr;
    x.abort();
}

std::shared_ptr<LocalRequest> request_of(const Connection& connection, const Exchange& x)
{
    const auto& head = x.head();
    auto request = std::make_shared<LocalRequest>();
    request->method = head.method;
    if (!head.target.path.starts_with('/'))
        request->target = '/';
    request->target += head.target.path;
    request->by_proxy = connection.role == Role::proxy;
    if (head.target.form == wire::Target::Form::absolute) {
        request->host = head.target.host;
        request->port = head.target.port;
    } else if (const auto host = wire::parse_host(wire::http1::find(*head.fields, "host"))) {
        request->host = host->host;
        request->port = host->port;
    }
    for (const auto& field : *head.fields)
        request->fields.emplace_back(field.name, field.value);
    request->client = connection.address();
    request->loopback = connection.loopback();
    request->own_address = net::unmapped(connection.stream.own_address()).to_string();
    request->secure = connection.secure;
    request->authority = connection.secured_by;
    return request;
}

awaitable<void> give(Connection& connection, Exchange& x, const LocalReply& given, bool close)
{
    const auto extra = lines_of(given);
    Exchange::Reply reply;
    reply.status = given.status;
    reply.extra = extra;
    reply.close = close;
    const bool bodiless = given.status == 204 || given.status == 304;
    reply.has_body = given.feed || (!bodiless && x.head().method != "HEAD" && !given.body.empty());
    if (!given.feed && !bodiless)
        reply.length = given.body.size();
    x.write_head(reply);
    if (given.feed)
        co_return co_await follow(connection, x, *given.feed);
    if (reply.has_body && co_await x.write_body(given.body))
        co_return x.abort();
    if (co_await x.finish())
        x.abort();
}

/// Tells a sender that waits with its body to go on. False: it has gone.
awaitable<bool> invite_body(Exchange& x)
{
    static const Fields none;
    if (x.head().expect_continue && co_await x.write_interim(100, none))
        co_return false;
    co_return true;
}

/// A body that is handed on piece by piece; the reply comes from whom it was handed to.
awaitable<void> take_in(Connection& connection, Exchange& x, std::shared_ptr<Intake> intake)
{
    auto passed = Passed::cut;
    if (co_await invite_body(x))
        passed = co_await pass_body(connection.worker, x, intake->descriptor());
    if (passed == Passed::cut)
        co_return x.abort();
    const auto reply = co_await end_of(connection.worker, *intake);
    intake.reset(); // the next one may come
    // A reply to a body that nobody reads on would be lost with the connection, and its sentence with it.
    bool open = passed == Passed::whole;
    if (!open)
        open = co_await discard_body(connection.worker, x);
    co_await give(connection, x, reply, !open);
}

} // namespace

awaitable<void> serve_local(Connection& connection, Exchange& x)
{
    auto& shared = connection.worker.shared;
    auto request = request_of(connection, x);
    std::shared_ptr<LocalReply> reply;
    {
        LocalBodies::Share share(shared.local_bodies);
        if (x.head().has_body) {
            const auto beginning = co_await ask_site(shared, request, begin);
            if (beginning->refusal)
                co_return co_await give(connection, x, *beginning->refusal, true); // its body stays unread
            if (beginning->intake)
                co_return co_await take_in(connection, x, std::move(beginning->intake));
            if (x.head().length.value_or(0) > beginning->most_body)
                co_return co_await answer_unread(x, Reading::too_large, beginning->most_body);
            if (!co_await invite_body(x))
                co_return x.abort();
            const auto reading = co_await read_whole(connection.worker, x, request->body, beginning->most_body, share);
            if (reading != Reading::whole)
                co_return co_await answer_unread(x, reading, beginning->most_body);
        }
        reply = co_await ask_site(shared, std::move(request), answer);
    }
    co_await give(connection, x, *reply, false);
}

} // namespace paravent::server
