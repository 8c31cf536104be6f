#include "proxy/server/forward.hpp"

#include "proxy/net/error.hpp"
#include "proxy/net/relay.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/client_watch.hpp"
#include "proxy/server/origin_request.hpp"
#include "proxy/server/reply_body.hpp"
#include "proxy/server/tunnel.hpp"
#include "proxy/server/upload.hpp"
#include "proxy/server/way.hpp"

#include <algorithm>
#include <optional>

namespace paravent::server {

using net::awaitable;
using net::error_code;
namespace h1 = wire::http1;

namespace {

constexpr unsigned most_interim = 16; ///< 1xx heads of one reply

bool is_framing(const error_code& error) noexcept
{
    return error.category() == wire::make_error_code(wire::Error::bad_chunk).category();
}

/// One request on its way, with all that its steps share.
class Forwarding {
public:
    Forwarding(Connection& connection, Exchange& x, std::shared_ptr<const Snapshot> snapshot)
        : connection_(connection), x_(x), snapshot_(std::move(snapshot)), idle_(snapshot_->settings->limits.idle),
          tunnel_limits_(tunnel_limits(*snapshot_)), watch_(connection.worker.deadlines, x), target_(x.head().target),
          key_(connection.inside ? std::string{} : key_of_way(*snapshot_->settings, target_.host, target_.port))
    {
    }

    awaitable<void> run();

private:
    enum class Outcome : std::uint8_t { done, again, failed };

    awaitable<error_code> reach(bool fresh);
    awaitable<error_code> reach_inside(bool fresh);
    void take_way(Way way);
    awaitable<Outcome> attempt();
    awaitable<error_code> read_reply_head(bool& heard);
    awaitable<void> relay_reply();
    awaitable<void> upgrade();
    std::optional<std::uint64_t> announced_length() const;
    void keep_origin();

    Connection& connection_;
    Exchange& x_;
    std::shared_ptr<const Snapshot> snapshot_; ///< only until the request is sent for good: a reply may take days
    const net::Millis idle_;
    const net::Relay::Limits tunnel_limits_; ///< after an upgrade
    ClientWatch watch_;
    const wire::Target& target_;
    std::string key_;
    Origin origin_;
    std::optional<Upload> upload_;
    h1::ResponseHead reply_;
    h1::BodyReader body_;
    std::size_t head_size_ = 0; ///< of the reply, at the front of the origin's buffer
    error_code error_;
};

awaitable<void> Forwarding::run()
{
    // A connection from the pool may have ended of age while the request went out; a request without a body that got
    // no reply at all is then sent once more (RFC 9112, 9.3.1).
    for (const bool fresh : {false, true}) {
        if (const auto error = co_await reach(fresh)) {
            if (connection_.inside) // under a certificate of ours nobody is shown a page about the origin's
                co_return x_.abort();
            const auto failure = failure_of(error);
            co_return co_await answer_error(x_, failure.status, failure.code, target_.host + ": " + error.message());
        }
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

awaitable<error_code> Forwarding::reach(bool fresh)
{
    if (connection_.inside)
        co_return co_await reach_inside(fresh);
    origin_ = fresh ? Origin{} : connection_.worker.origins.take(key_);
    if (origin_.stream)
        co_return error_code{};
    auto way =
        co_await open_way(connection_.worker, *snapshot_, target_.host, target_.port, Purpose::http, x_.waiter());
    if (!way)
        co_return way.error();
    take_way(std::move(*way));
    co_return error_code{};
}

/// The connection's own origin; nobody else's requests share its connections.
awaitable<error_code> Forwarding::reach_inside(bool fresh)
{
    auto& inside = *connection_.inside;
    origin_ = fresh ? Origin{} : take_idle(inside);
    if (origin_.stream)
        co_return error_code{};
    std::string protocol;
    auto way = co_await open_inside(connection_.worker, *snapshot_, inside, x_.waiter(), protocol);
    if (!way) {
        // The next connection is to see the origin's own certificate, whatever is wrong with it.
        connection_.worker.shared.interception.verified().forget(inside.origin());
        co_return way.error();
    }
    take_way(std::move(*way));
    co_return error_code{};
}

void Forwarding::take_way(Way way)
{
    origin_.stream = std::move(way.stream);
    origin_.reused = false;
    const auto room = origin_.in.room(way.leftover.size() + 1);
    std::copy(way.leftover.begin(), way.leftover.end(), room.begin());
    origin_.in.commit(way.leftover.size());
}

awaitable<Forwarding::Outcome> Forwarding::attempt()
{
    const auto& head = x_.head();
    bool heard = false;
    const std::string request = origin_request(*snapshot_->settings, head);
    const bool may_go_again = origin_.reused && !head.has_body && is_idempotent(head.method);
    if (!may_go_again)
        snapshot_.reset();
    error_ = co_await origin_.stream->write(request, idle_);
    if (!error_) {
        if (head.has_body) {
            upload_.emplace(connection_.worker, x_, *origin_.stream, idle_);
            upload_->start(!head.length);
        }
        watch_.watch(*origin_.stream);
        // What came with the head may already have been wrong, before there was a wait to end.
        const bool failed = upload_ && upload_->client_failed();
        if (failed)
            error_ = upload_->error();
        else
            error_ = co_await read_reply_head(heard);
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
    const bool died_of_age = may_go_again && !heard && !watch_.client_left && error_ != net::Error::timeout;
    co_return died_of_age ? Outcome::again : Outcome::failed;
}

/// `heard`: the origin has sent at least a byte.
awaitable<error_code> Forwarding::read_reply_head(bool& heard)
{
    for (unsigned interim = 0;;) {
        auto& in = origin_.in;
        if (!in.empty()) {
            heard = true;
            snapshot_.reset(); // no second attempt from here on
            reply_.fields.clear();
            const auto size = h1::parse_response(in.view(), x_.head().method, reply_);
            if (!size)
                co_return size.error();
            if (*size > 0 && reply_.status >= 200) {
                body_ = h1::BodyReader(reply_.framing, reply_.length);
                // The head's views point into the buffer: it stays untouched until the head is written.
                head_size_ = *size;
                co_return error_code{};
            }
            if (*size > 0 && reply_.status == 101) {
                head_size_ = *size;
                // Not while a body is on its way: its bytes and the new protocol's would share the connection.
                const bool asked = !x_.head().upgrade.empty() && !reply_.upgrade.empty() && !upload_;
                co_return asked ? error_code{} : wire::make_error_code(wire::Error::bad_response);
            }
            if (*size > 0) {
                if (++interim > most_interim)
                    co_return wire::make_error_code(wire::Error::bad_response);
                const auto error = co_await x_.write_interim(reply_.status, reply_.fields);
                in.consume(*size);
                if (error)
                    co_return error;
                continue;
            }
        }
        const auto n = co_await origin_.stream->read_some(in.room(), idle_);
        if (!n)
            co_return n.error();
        if (*n == 0)
            co_return net::error_code(net::Error::closed);
        in.commit(*n);
    }
}

awaitable<void> Forwarding::relay_reply()
{
    Exchange::Reply reply;
    reply.status = reply_.status;
    reply.fields = &reply_.fields;
    reply.has_body =
        reply_.framing != h1::Framing::none && !(reply_.framing == h1::Framing::length && reply_.length == 0);
    if (reply_.framing == h1::Framing::length)
        reply.length = reply_.length;
    else if (reply_.framing == h1::Framing::none)
        reply.length = announced_length();
    if (connection_.inside) // HTTP/3 would go past the proxy
        std::erase_if(reply_.fields, [](const auto& field) { return h1::equals_ignore_case(field.name, "alt-svc"); });
    x_.write_head(reply);
    origin_.in.consume(head_size_);
    if (reply.has_body) {
        error_ = co_await relay_reply_body(connection_.worker, origin_, body_, x_, idle_);
        if (error_)
            co_return;
    }
    error_ = co_await x_.finish(body_.trailer());
    if (!error_)
        keep_origin();
}

/// A reply to HEAD, and a 304, may tell how long the body would have been.
std::optional<std::uint64_t> Forwarding::announced_length() const
{
    if (reply_.status < 200 || reply_.status == 204)
        return std::nullopt;
    const auto length = wire::parse_decimal(h1::find(reply_.fields, "content-length"), UINT64_MAX);
    return length ? std::optional(*length) : std::nullopt;
}

awaitable<void> Forwarding::upgrade()
{
    Exchange::Reply reply;
    reply.status = 101;
    reply.fields = &reply_.fields;
    reply.upgrade = reply_.upgrade;
    x_.write_head(reply);
    origin_.in.consume(head_size_);
    error_ = co_await x_.finish();
    if (error_)
        co_return;
    watch_.no_more();
    std::string from_client, from_origin(origin_.in.view());
    net::Stream* const client = x_.take_over(from_client);
    if (!client)
        co_return;
    net::Relay relay(*client, *origin_.stream, std::move(from_client), std::move(from_origin),
                     connection_.worker.relay_tools(), tunnel_limits_);
    if (co_await relay.run() != net::RelayEnd::finished) {
        client->reset();
        origin_.stream->reset();
    }
}

void Forwarding::keep_origin()
{
    const bool sent_whole = !upload_ || upload_->whole();
    if (!reply_.keep_alive || !sent_whole || !origin_.in.empty() || reply_.framing == h1::Framing::until_close)
        return;
    if (connection_.inside)
        connection_.inside->idle.push_back(std::move(origin_));
    else
        connection_.worker.origins.give_back(key_, std::move(origin_), std::min(idle_, net::Millis(30'000)));
}

} // namespace

awaitable<void> forward(Connection& connection, Exchange& exchange, std::shared_ptr<const Snapshot> snapshot)
{
    Forwarding forwarding(connection, exchange, std::move(snapshot));
    co_await forwarding.run();
}

} // namespace paravent::server
