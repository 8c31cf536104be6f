#include "proxy/server/http2_stream.hpp"

#include <boost/asio/error.hpp>

namespace paravent::server {

using net::awaitable;
using net::error_code;

error_code Http2Stream::trouble() const noexcept
{
    if (given_up_)
        return make_error_code(net::asio::error::operation_aborted);
    if (lost_ || link_.ended())
        return net::Error::closed;
    return {};
}

awaitable<error_code> Http2Stream::wait(net::Millis limit)
{
    if (const auto error = trouble())
        co_return error;
    if (const auto error = co_await came_.wait(limit))
        co_return error;
    co_return trouble();
}

awaitable<net::result<std::string_view>> Http2Stream::read(net::Millis limit)
{
    give_back(given_);
    while (body_.empty()) {
        if (ended_) {
            given_.shrink_to_fit();
            co_return std::string_view{};
        }
        if (const auto error = co_await wait(limit == net::Millis(0) ? idle_ : limit))
            if (body_.empty() && !ended_)
                co_return error;
    }
    given_.swap(body_);
    co_return std::string_view{given_};
}

awaitable<error_code> Http2Stream::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        if (const auto error = trouble())
            co_return error;
        const auto taken = link_.session.write(id, bytes);
        bytes.remove_prefix(taken);
        link_.flush();
        if (taken == 0)
            if (const auto error = co_await room_.wait(idle_))
                co_return error;
    }
    co_return error_code{};
}

/// Of a stream that was lost the session has given all back by itself.
void Http2Stream::give_back(std::string& bytes) noexcept
{
    if (!bytes.empty() && !lost_ && !link_.ended()) {
        link_.session.consumed(id, bytes.size());
        link_.flush();
    }
    bytes.clear();
}

void Http2Stream::drop() noexcept
{
    give_back(given_);
    give_back(body_);
}

} // namespace paravent::server
