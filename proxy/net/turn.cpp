#include "proxy/net/turn.hpp"

#include <boost/asio/post.hpp>

namespace paravent::net {

awaitable<void> give_way(asio::io_context& context)
{
    co_await asio::post(context, asio::deferred);
}

} // namespace paravent::net
