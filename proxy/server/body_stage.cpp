#include "proxy/server/body_stage.hpp"

#include "proxy/activity/product.hpp"
#include "proxy/net/error.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/wire/content_coding.hpp"
#include "proxy/wire/error.hpp"

#include <utility>

namespace paravent::server {

using activity::Product;
using net::awaitable;

bool tells_in_body(const Exchange& exchange, const Asked& asked, const Judgement& judgement)
{
    if (!exchange.head().has_body)
        return false;
    switch (product_of(seen_of(asked, judgement, {}))) {
    case Product::pixel:
    case Product::conversions:
    case Product::app_events:
    case Product::audience_network:
        return true;
    default:
        return false;
    }
}

Carried carried_by(const Exchange::Head& head, const Captured* captured)
{
    using wire::http1::find;
    Carried out;
    out.cookies = find(*head.fields, "cookie");
    if (!captured)
        return out;
    out.sent = captured->bytes;
    out.content_type = find(*head.fields, "content-type");
    out.cut = !captured->whole;
    const auto encoding = find(*head.fields, "content-encoding");
    if (encoding.empty())
        return out;
    auto inflated = wire::inflate(encoding, captured->bytes);
    out.cut = out.cut || inflated.ending != wire::Inflated::Ending::whole;
    out.inflated = std::move(inflated.bytes);
    return out;
}

awaitable<void> answer_unread(Exchange& exchange, net::error_code error)
{
    if (error.category() != wire::make_error_code(wire::Error::bad_chunk).category())
        co_return exchange.abort();
    co_await answer_error(exchange, 400, "bad-request", error.message());
}

awaitable<net::error_code> capture(Exchange& exchange, Captured& captured)
{
    if (exchange.head().expect_continue) {
        static const Fields none;
        if (const auto error = co_await exchange.write_interim(100, none))
            co_return error;
    }
    const auto until = net::coarse_now() + capture_limit.count();
    while (captured.bytes.size() < wire::max_captured_bytes) {
        const net::Millis left(until - net::coarse_now());
        if (left <= net::Millis(0))
            break;
        const auto piece = co_await exchange.read_body(left);
        if (!piece && piece.error() == net::Error::timeout)
            break;
        if (!piece)
            co_return piece.error();
        captured.whole = piece->empty();
        if (captured.whole)
            break;
        captured.bytes += *piece; // one piece more than the bounds at most
        if (!captured.held.more(piece->size()))
            break;
    }
    co_return net::error_code{};
}

Replayed::Replayed(Exchange& exchange, std::unique_ptr<Captured> captured)
    : ExchangeLayer(exchange), head_(exchange.head()), captured_(std::move(captured)), whole_(captured_->whole)
{
    head_.expect_continue = false; // it was told to go on
}

awaitable<net::result<std::string_view>> Replayed::read_body(net::Millis limit)
{
    constexpr std::size_t one_write = 64 * 1024;
    if (captured_) {
        const auto piece = std::string_view(captured_->bytes).substr(handed_, one_write);
        handed_ += piece.size();
        if (!piece.empty())
            co_return piece;
        captured_.reset();
    }
    if (whole_)
        co_return std::string_view{};
    co_return co_await behind().read_body(limit);
}

} // namespace paravent::server
