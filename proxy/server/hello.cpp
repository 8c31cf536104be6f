#include "proxy/server/hello.hpp"

#include "proxy/net/error.hpp"

namespace paravent::server {

using Reading = wire::ClientHelloReader::Reading;

net::awaitable<Reading> hear_hello(Connection& connection, wire::ClientHelloReader& reader, std::string& kept,
                                   net::Millis limit, net::Stream* origin)
{
    constexpr net::Millis look{250};
    const auto until = net::coarse_now() + limit.count();
    for (;;) {
        if (!kept.empty())
            if (const auto reading = reader.read(kept); reading != Reading::need_more)
                co_return reading;
        if (net::coarse_now() >= until)
            co_return Reading::need_more;
        const auto room = connection.in.room();
        const auto n = co_await connection.stream.read_some(room, look);
        if (n && *n > 0) {
            kept.append(room.data(), *n);
            continue;
        }
        if (n || n.error() != net::Error::timeout)
            co_return Reading::need_more;
        if (kept.empty() && origin && !origin->quiet())
            co_return Reading::not_tls;
    }
}

} // namespace paravent::server
