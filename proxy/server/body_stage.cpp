#include "proxy/server/body_stage.hpp"

#include "proxy/activity/product.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/wire/content_coding.hpp"
#include "proxy/wire/error.hpp"

#include <utility>

namespace paravent::server {

using activity::Product;
using net::awaitable;

bool tells_in_body(const Exchange& exchange, const Asked& asked, const Judgement& judgement)
{
    const auto& head = exchange.head();
    if (!head.has_body || !activity::is_meta(asked.host))
        return false;
    const auto path = std::string_view(head.target.path).substr(0, head.target.path.find('?'));
    switch (activity::product_of(asked.host, path, rules::name_of(judgement.verdict.rule.category))) {
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
    while (captured.bytes.size() < wire::max_captured_bytes && net::coarse_now() < until) {
        const auto piece = co_await exchange.read_body();
        if (!piece)
            co_return piece.error();
        captured.whole = piece->empty();
        if (captured.whole)
            break;
        captured.bytes += *piece; // one piece more than the bound at most
    }
    co_return net::error_code{};
}

Replayed::Replayed(Exchange& exchange, Captured captured)
    : exchange_(exchange), head_(exchange.head()), captured_(std::move(captured))
{
    head_.expect_continue = false; // it was told to go on
}

awaitable<net::result<std::string_view>> Replayed::read_body()
{
    constexpr std::size_t one_write = 64 * 1024;
    const auto piece = std::string_view(captured_.bytes).substr(handed_, one_write);
    handed_ += piece.size();
    if (!piece.empty())
        co_return piece;
    std::string{}.swap(captured_.bytes); // a reply may take its time
    handed_ = 0;
    if (captured_.whole)
        co_return std::string_view{};
    co_return co_await exchange_.read_body();
}

} // namespace paravent::server
