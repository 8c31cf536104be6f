#include "proxy/server/http2_connection.hpp"

#include "proxy/server/answer.hpp"
#include "proxy/server/http2_exchange.hpp"
#include "proxy/server/serve.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace paravent::server {

using net::awaitable;
namespace h2 = wire::http2;

namespace {

std::string_view code_of(const net::error_code& error) noexcept
{
    return error == wire::Error::misdirected ? "misdirected" : "bad-request";
}

} // namespace

Http2Connection::Http2Connection(Connection& connection)
    : connection_(connection), idle_(connection.worker.snapshot()->settings->limits.idle),
      link_(connection.worker, connection.stream, h2::Role::server, *this, idle_),
      all_served_(connection.worker.signals)
{
}

Http2Connection::~Http2Connection() = default;

awaitable<void> Http2Connection::run()
{
    co_await link_.run([this] { return before_wait(); });
    connection_.stream.shutdown_send();
    connection_.idle = false;
    for (const auto& [id, exchange] : exchanges_)
        exchange->stream.lose();
    while (!exchanges_.empty())
        co_await all_served_.wait();
}

/// Says goodbye where the proxy drains, or nobody wants to look inside any more; what runs comes to its end.
bool Http2Connection::before_wait()
{
    const bool unwanted = connection_.worker.draining() || connection_.no_longer_inside();
    if (unwanted && !std::exchange(shutting_down_, true)) {
        link_.session.shut_down();
        link_.flush();
    }
    connection_.idle = exchanges_.empty();
    return !(unwanted && exchanges_.empty());
}

void Http2Connection::on_head(h2::StreamId id, h2::Message head, bool end)
{
    connection_.note_trust();
    connection_.idle = false;
    auto exchange = std::make_unique<Http2Exchange>(*this, id, std::move(head), end);
    exchanges_[id] = exchange.get();
    net::asio::co_spawn(connection_.worker.context.get_executor(), serve_exchange(std::move(exchange)),
                        net::asio::detached);
}

awaitable<void> Http2Connection::serve_exchange(std::unique_ptr<Http2Exchange> exchange)
{
    if (const auto error = exchange->understand()) {
        const unsigned status = wire::status_of(static_cast<wire::Error>(error.value()));
        co_await answer_error(*exchange, status, code_of(error), error.message());
    } else {
        co_await serve(connection_, *exchange);
    }
    exchange->leave();
    exchanges_.erase(exchange->stream.id);
    exchange.reset();
    if (exchanges_.empty()) {
        all_served_.set();
        if (shutting_down_ || connection_.worker.draining())
            connection_.stream.cancel(); // the reader sees that nothing is left to wait for
    }
}

void Http2Connection::on_body(h2::StreamId id, std::string_view bytes)
{
    if (const auto found = exchanges_.find(id); found != exchanges_.end())
        found->second->stream.take(bytes);
    else
        link_.session.consumed(id, bytes.size()); // its exchange is over and cared for none of it
}

void Http2Connection::on_end(h2::StreamId id, std::string trailer)
{
    if (const auto found = exchanges_.find(id); found != exchanges_.end())
        found->second->stream.end(std::move(trailer));
}

void Http2Connection::on_reset(h2::StreamId id, std::uint32_t)
{
    if (const auto found = exchanges_.find(id); found != exchanges_.end())
        found->second->stream.lose();
}

void Http2Connection::on_room(h2::StreamId id)
{
    if (const auto found = exchanges_.find(id); found != exchanges_.end())
        found->second->stream.has_room();
}

} // namespace paravent::server
