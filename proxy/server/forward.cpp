#include "proxy/server/forward.hpp"

#include "proxy/net/error.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/net/turn.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/client_watch.hpp"
#include "proxy/server/origin_request.hpp"
#include "proxy/server/reach.hpp"
#include "proxy/server/tunnel.hpp"
#include "proxy/server/upload.hpp"

#include <algorithm>
#include <optional>

namespace paravent::server {

using net::awaitable;
using net::error_code;

namespace {

constexpr unsigned most_interim = 16; ///< 1xx heads of one reply

bool is_framing(const error_code& error) noexcept
{
    return error.category() == wire::make_error_code(wire::Error::bad_chunk).category();
}

/// One request on its way, with all that its steps share.
class Forwarding {
public:
    Forwarding(Connection& connection, Exchange& x, const Asked& asked, std::shared_ptr<const Snapshot> snapshot)
        : connection_(connection), x_(x), asked_(asked), snapshot_(std::move(snapshot)),
          idle_(snapshot_->settings->limits.idle), tunnel_limits_(tunnel_limits(*snapshot_)),
          watch_(connection.worker.deadlines, x), target_(x.head().target)
    {
    }

    awaitable<void> run();

private:
    enum class Outcome : std::uint8_t { done, again, failed };

    awaitable<Outcome> attempt();
    awaitable<error_code> read_reply_head();
    awaitable<void> relay_reply();
    awaitable<error_code> relay_body();
    awaitable<void> upgrade();

    Connection& connection_;
    Exchange& x_;
    const Asked& asked_;
    std::shared_ptr<const Snapshot> snapshot_; ///< only until the request is sent for good: a reply may take days
    const net::Millis idle_;
    const net::Relay::Limits tunnel_limits_; ///< after an upgrade
    ClientWatch watch_;
    const wire::Target& target_;
    std::unique_ptr<Upstream> upstream_;
    std::optional<Upload> upload_;
    ReplyHead reply_;
    error_code error_;
};

awaitable<void> Forwarding::run()
{
    // A connection from the pool may have ended of age while the request went out; a request without a body that got
    // no reply at all is then sent once more (RFC 9112, 9.3.1).
    for (const bool fresh : {false, true}) {
        auto reached = co_await reach(connection_, *snapshot_, x_, fresh);
        if (!reached) {
            if (connection_.inside) // under a certificate of ours nobody is shown a page about the origin's
                co_return x_.abort();
            const auto failure = failure_of(reached.error());
            co_return co_await answer_error(x_, failure.status, failure.code,
                                            target_.host + ": " + reached.error().message());
        }
        upload_.reset();
        upstream_ = std::move(*reached);
        const auto outcome = co_await attempt();
        if (outcome == Outcome::done)
            co_return;
        if (outcome == Outcome::failed)
            break;
    }
    if (x_.begun() || watch_.client_left)
        co_return x_.abort();
    if (upload_ && upload_->client_failed()) {
        if (!is_framing(upload_->error()))
            co_return x_.abort();
        co_return co_await answer_error(x_, 400, "bad-request", upload_->error().message());
    }
    auto failure = failure_of(error_);
    if (failure.code == "connect")
        failure.code = "upstream-protocol"; // it took the connection, and then did not answer
    co_await answer_error(x_, failure.status, failure.code, target_.host + ": " + error_.message());
}

awaitable<Forwarding::Outcome> Forwarding::attempt()
{
    const auto& head = x_.head();
    const bool may_go_again = upstream_->untouched() && !head.has_body && is_idempotent(head.method);
    {
        const auto settings = snapshot_->settings;
        if (!may_go_again)
            snapshot_.reset();
        error_ = co_await upstream_->send(*settings, head);
    }
    if (!error_) {
        if (head.has_body) {
            upload_.emplace(connection_.worker, x_, *upstream_, idle_);
            upload_->start();
        }
        watch_.watch(*upstream_);
        // What came with the head may already have been wrong, before there was a wait to end.
        const bool failed = upload_ && upload_->client_failed();
        if (failed)
            error_ = upload_->error();
        else
            error_ = co_await read_reply_head();
    }
    if (!error_) {
        if (reply_.status == 101)
            co_await upgrade();
        else
            co_await relay_reply();
    }
    watch_.no_more();
    if (upload_)
        co_await upload_->stop();
    if (!error_)
        co_return Outcome::done;
    const bool again = may_go_again && upstream_->untouched() && !watch_.client_left && error_ != net::Error::timeout;
    co_return again ? Outcome::again : Outcome::failed;
}

awaitable<error_code> Forwarding::read_reply_head()
{
    for (unsigned interim = 0;;) {
        if (const auto error = co_await upstream_->read_head(reply_))
            co_return error;
        snapshot_.reset(); // no second attempt from here on
        if (reply_.status >= 200 || reply_.status == 101)
            co_return error_code{};
        if (++interim > most_interim)
            co_return wire::make_error_code(wire::Error::bad_response);
        if (const auto error = co_await x_.write_interim(reply_.status, *reply_.fields))
            co_return error;
    }
}

awaitable<void> Forwarding::relay_reply()
{
    Exchange::Reply reply;
    Fields fields;
    reply.status = reply_.status;
    reply.fields = reply_.fields;
    reply.has_body = reply_.has_body;
    reply.length = reply_.length;
    if (connection_.inside) { // HTTP/3 would go past the proxy
        fields = *reply_.fields;
        std::erase_if(fields, [](const auto& field) { return wire::http1::equals_ignore_case(field.name, "alt-svc"); });
        reply.fields = &fields;
    }
    x_.write_head(reply);
    if (reply.has_body) {
        error_ = co_await relay_body();
        if (error_)
            co_return;
    }
    error_ = co_await x_.finish(upstream_->trailer());
    if (!error_)
        upstream_->release(!upload_ || upload_->whole());
}

awaitable<error_code> Forwarding::relay_body()
{
    net::Turn turn;
    for (;;) {
        const auto piece = co_await upstream_->read_body();
        if (!piece)
            co_return piece.error();
        if (piece->empty())
            co_return error_code{};
        if (const auto error = co_await x_.write_body(*piece))
            co_return error;
        if (turn.used_up(piece->size()))
            co_await net::give_way(connection_.worker.context);
    }
}

awaitable<void> Forwarding::upgrade()
{
    Exchange::Reply reply;
    reply.status = 101;
    reply.fields = reply_.fields;
    reply.upgrade = reply_.upgrade;
    x_.write_head(reply);
    error_ = co_await x_.finish();
    if (error_)
        co_return;
    watch_.no_more();
    // Copies for `open`: what was asked stands in the buffer that `take_over` gives up.
    const std::string method(asked_.method), page(asked_.page);
    Asked asked = asked_;
    asked.method = method;
    asked.page = page;
    std::string from_client, from_origin;
    net::Stream* const client = x_.take_over(from_client);
    net::Stream* const origin = upstream_->take_over(from_origin);
    if (!client || !origin)
        co_return;
    net::Relay relay(*client, *origin, std::move(from_client), std::move(from_origin), connection_.worker.relay_tools(),
                     tunnel_limits_);
    const OpenTunnel open(connection_, asked, relay);
    if (co_await relay.run() != net::RelayEnd::finished) {
        client->reset();
        origin->reset();
    }
}

} // namespace

awaitable<void> forward(Connection& connection, Exchange& exchange, const Asked& asked,
                        std::shared_ptr<const Snapshot> snapshot)
{
    Forwarding forwarding(connection, exchange, asked, std::move(snapshot));
    co_await forwarding.run();
}

} // namespace paravent::server
