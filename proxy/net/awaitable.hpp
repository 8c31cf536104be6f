#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace paravent::net {

namespace asio = boost::asio;
using boost::system::error_code;

template <class T>
using result = boost::system::result<T>;

/// Every coroutine of a worker runs on its io_context itself; the concrete executor spares a type-erased one.
using Executor = asio::io_context::executor_type;
template <class T>
using awaitable = asio::awaitable<T, Executor>;

/// Errors come as values: `auto [error, n] = co_await socket.async_x(…, quietly);`
inline constexpr asio::as_tuple_t<asio::deferred_t> quietly{asio::deferred};

} // namespace paravent::net
